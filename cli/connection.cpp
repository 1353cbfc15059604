// Body of connection.hpp.
#include "connection.hpp"

#include "output.hpp"
#include "runs/run_exit.hpp"
#include "socket_choice.hpp"

#include <poll.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace udsctl {
namespace {

constexpr std::chrono::milliseconds kGrace{1'000};

uds::ClientOptions client_options(const Options& options) {
  uds::ClientOptions client;
  client.with_half_close(options.half_close);
  client.server_uids = options.server_uids;
  client.call_timeout = patience(options);
  // A server with very many connections lists them in one answer.
  client.limits.message_bytes = std::size_t{64} << 20;
  client.limits.json_values = 4'000'000;
  if (options.timeout)
    client.with_connect_timeout(std::min(client.connect_timeout, *options.timeout));
  if (options.connect_timeout) client.with_connect_timeout(*options.connect_timeout);
  return client;
}

}  // namespace

std::optional<std::chrono::milliseconds> patience(const Options& options) {
  if (!options.timeout || options.half_close) return options.timeout;
  return *options.timeout + kGrace;
}

uds::Result<void> Connection::open() {
  auto path = choose_socket(options_);
  if (!path) return path.error();
  path_ = *std::move(path);
  auto client = uds::BlockingClient::connect(
      path_, client_options(options_).with_interrupt(interrupt_descriptor()));
  if (!client) return client.error();
  client_.emplace(*std::move(client));
  if (!interrupt_) interrupt_.emplace();
  client_->interrupt_on(interrupt_->descriptor());
  return {};
}

std::string Connection::sentence_for(const uds::Error& error) const {
  return explain(error, path_);
}

Exit Connection::explain_failure(const uds::Error& error) const {
  if (error.is(uds::Errc::Interrupted)) return Exit::Interrupted;
  return fail(passes_status(options_.verb) ? run_exit(error) : exit_for(error),
              sentence_for(error));
}

bool Connection::rest(std::chrono::milliseconds pause) const {
  pollfd interrupt{interrupt_descriptor(), POLLIN, 0};
  return ::poll(&interrupt, 1, static_cast<int>(pause.count())) == 0;
}

}  // namespace udsctl
