// Bodies of uds/server.hpp: the core, and the listeners that feed it.
#include "uds/server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "builtins.hpp"
#include "listener.hpp"
#include "own_loop.hpp"
#include "server_core.hpp"
#include "uds/version.hpp"

namespace uds {

class Server::Impl {
 public:
  Impl(const boost::asio::any_io_executor& executor, Limits limits, Log log)
      : core(std::make_shared<detail::ServerCore>(executor, limits, std::move(log))) {
    core->program_version = kVersion;
    detail::add_builtins(*core);
  }
  Impl(std::unique_ptr<detail::OwnLoop> loop, Limits limits, Log log)
      : Impl(loop->executor(), limits, std::move(log)) {
    own_loop = std::move(loop);
  }

  detail::OwnLoop& loop() const {
    if (!own_loop)
      throw std::logic_error("this uds::Server was given an executor: run its io_context instead");
    return *own_loop;
  }

  void close_listeners() {
    for (const auto& listener : listeners) listener->close();
    listeners.clear();
  }

  std::unique_ptr<detail::OwnLoop> own_loop;  // goes last: what is suspended in it uses the others
  std::shared_ptr<detail::ServerCore> core;
  std::vector<std::shared_ptr<detail::Listener>> listeners;
};

Server::Server(const boost::asio::any_io_executor& executor, Limits limits, Log log)
    : impl_(std::make_unique<Impl>(executor, limits, std::move(log))) {}

Server::Server(Limits limits, Log log)
    : impl_(std::make_unique<Impl>(std::make_unique<detail::OwnLoop>(), limits, std::move(log))) {}

Server::~Server() {
  impl_->close_listeners();
  impl_->core->close();
}

Router& Server::commands() noexcept {
  return impl_->core->router;
}

void Server::identify(std::string name, std::string version) {
  impl_->core->program = std::move(name);
  impl_->core->program_version = std::move(version);
}

void Server::set_log(Log log) {
  impl_->core->log = std::move(log);
}

void Server::observe(Observer observer, std::function<bool()> each) {
  impl_->core->observer = std::move(observer);
  impl_->core->each = std::move(each);
}

void Server::refuse_while(std::function<bool()> low) {
  impl_->core->low_on_memory = std::move(low);
}

void Server::set_limits(const Limits& limits) {
  impl_->core->limits = limits;
}

void Server::serve(ListeningSocket socket) {
  auto listener = std::make_shared<detail::Listener>(impl_->core, std::move(socket));
  impl_->listeners.push_back(listener);
  listener->start();
}

void Server::drain(std::function<void()> drained) {
  impl_->close_listeners();
  impl_->core->drain(std::move(drained));
}

void Server::stop() {
  impl_->close_listeners();
  impl_->core->stop();
}

int Server::native_handle() {
  return impl_->loop().native_handle();
}

void Server::poll() {
  impl_->loop().poll();
}

void Server::run() {
  detail::OwnLoop& loop = impl_->loop();
  while (!impl_->core->draining() || impl_->core->connections() > 0) loop.run_one();
}

void Server::post(std::function<void()> function) {
  boost::asio::post(impl_->core->executor(), std::move(function));
}

std::size_t Server::connections() const noexcept {
  return impl_->core->connections();
}

std::vector<ConnectionInfo> Server::list_connections() const {
  return impl_->core->list_connections();
}

std::size_t Server::requests_in_flight() const noexcept {
  return impl_->core->usage.requests_in_flight;
}

const Statistics& Server::statistics() const noexcept {
  return impl_->core->statistics;
}

Usage Server::usage() const noexcept {
  return impl_->core->usage;
}

Usage Server::usage_of(uid_t uid) const noexcept {
  return impl_->core->usage_of(uid);
}

}  // namespace uds
