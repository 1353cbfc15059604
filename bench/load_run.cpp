// Body of load_run.hpp.
#include "load_run.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <iostream>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

#include "load_connection.hpp"

namespace uds_load {
namespace {

using Clock = std::chrono::steady_clock;

// How often the loop looks at the clock when nothing happens.
constexpr int kTickMs = 20;

class Loop {
 public:
  Loop(const Options& options, Tally& tally) : options_(options) {
    try {
      for (std::uint64_t number = 1; number <= options.connections; ++number)
        watched_.emplace_back(std::make_unique<Connection>(options, tally, number));
    } catch (const std::system_error& error) {
      throw CannotConnect(error.what());
    }
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() { ::close(epoll_); }

  void run(const volatile std::sig_atomic_t& stop) {
    const Clock::time_point began = Clock::now();
    last_event_ = began;
    left_ = watched_.size();
    for (Watched& watched : watched_) proceed(watched);
    while (left_ > 0) {
      serve();
      const Clock::time_point now = Clock::now();
      const bool time_is_up = options_.duration.count() > 0 && now - began >= options_.duration;
      if (stop != 0 || time_is_up) stop_sending();
      if (now - last_event_ >= options_.patience) break;
    }
    for (const Watched& watched : watched_) watched.connection->abandon();
  }

 private:
  struct Watched {
    explicit Watched(std::unique_ptr<Connection> owned) : connection(std::move(owned)) {}
    std::unique_ptr<Connection> connection;
    std::uint32_t events = 0;
  };

  void serve() {
    std::array<epoll_event, 256> ready;
    const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), kTickMs);
    if (count < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "epoll_wait");
    if (count <= 0) return;
    last_event_ = Clock::now();
    for (const epoll_event& event : std::span(ready).first(static_cast<std::size_t>(count))) {
      Watched& watched = *static_cast<Watched*>(event.data.ptr);
      watched.connection->receive();
      proceed(watched);
    }
  }

  void proceed(Watched& watched) {
    const bool flows = watched.connection->send();
    if (watched.connection->done()) {
      watched.connection->abandon();  // closes it; a closed socket leaves epoll by itself
      --left_;
    } else {
      watch(watched, flows ? EPOLLIN : EPOLLIN | EPOLLOUT);
    }
  }

  void stop_sending() {
    if (std::exchange(stopped_, true)) return;
    for (Watched& watched : watched_) {
      if (watched.connection->descriptor() < 0) continue;
      watched.connection->stop_sending();
      proceed(watched);
    }
  }

  void watch(Watched& watched, std::uint32_t events) {
    if (watched.events == events) return;
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watched;
    const int operation = watched.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (::epoll_ctl(epoll_, operation, watched.connection->descriptor(), &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    watched.events = events;
  }

  const Options& options_;
  std::deque<Watched> watched_;
  std::size_t left_ = 0;
  int epoll_ = -1;
  bool stopped_ = false;
  Clock::time_point last_event_;
};

}  // namespace

std::chrono::duration<double> run(const Options& options, Tally& tally,
                                  const volatile std::sig_atomic_t& stop) {
  Loop loop(options, tally);
  std::cerr << "uds-load: " << options.connections << " connections are open" << std::endl;
  const Clock::time_point began = Clock::now();
  loop.run(stop);
  return Clock::now() - began;
}

}  // namespace uds_load
