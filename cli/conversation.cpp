// Body of conversation.hpp.
#include "conversation.hpp"

#include "output.hpp"
#include "socket_choice.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>

namespace udsctl {
namespace {

/// How much longer than the daemon this side waits: its deadline_exceeded says more than a silent
/// end.
constexpr std::chrono::milliseconds kGrace{1'000};

uds::ClientOptions client_options(const Options& options) {
  uds::ClientOptions client;
  client.with_half_close(options.half_close);
  client.server_uids = options.server_uids;
  if (options.timeout) {
    client.with_call_timeout(*options.timeout +
                             (options.half_close ? std::chrono::milliseconds(0) : kGrace));
    client.with_connect_timeout(std::min(client.connect_timeout, *options.timeout));
  }
  return client;
}

}  // namespace

Conversation::Conversation(const Options& options) : options_(options), renderer_(options.json) {}

Exit Conversation::broken(Exit status) noexcept {
  broken_ = true;
  client_.reset();
  return status;
}

Exit Conversation::failed(const uds::Error& error) {
  server_gone_ = error.is(uds::Errc::ConnectionLost);
  renderer_.clear();
  if (!server_gone_ || !loss_expected_) complain(explain(error, path_));
  return broken(exit_for(error));
}

Exit Conversation::connect() {
  const auto opened = open();
  return opened ? Exit::Ok : failed(opened.error());
}

uds::Result<void> Conversation::open() {
  auto path = choose_socket(options_);
  if (!path) return path.error();
  path_ = *std::move(path);
  auto client = uds::BlockingClient::connect(path_, client_options(options_));
  if (!client) return client.error();
  client_.emplace(*std::move(client));
  if (!interrupt_) interrupt_.emplace();
  client_->interrupt_on(interrupt_->descriptor());
  return {};
}

std::optional<Exit> Conversation::reconnect() {
  const auto opened = open();
  if (opened) {
    broken_ = server_gone_ = false;
    return std::nullopt;
  }
  const Exit reason = exit_for(opened.error());
  const bool hopeless = reason != Exit::NoDaemon && reason != Exit::Timeout;
  return hopeless ? failed(opened.error()) : reason;
}

Exit Conversation::rest(std::chrono::milliseconds pause) {
  pollfd interrupt{interrupt_descriptor(), POLLIN, 0};
  return ::poll(&interrupt, 1, static_cast<int>(pause.count())) == 0 ? Exit::Ok : Exit::Interrupted;
}

std::optional<RequestText> Conversation::read(std::string_view text, std::string_view where) {
  // A server that reads to end of file gets the text as it is.
  const auto id = options_.half_close ? std::nullopt : std::optional(last_id_ + 1);
  auto request = read_request(text, id, options_.half_close ? std::nullopt : options_.timeout);
  if (!request) {
    complain(std::string(where) + request.error().message());
    return std::nullopt;
  }
  ++last_id_;
  return *std::move(request);
}

Exit Conversation::ask(const RequestText& request) {
  if (!client_)
    if (const Exit status = connect(); status != Exit::Ok) return status;
  const auto sent = client_->send_text(request.line, request.id);
  if (!sent && !sent.error().is(uds::Errc::Interrupted)) return failed(sent.error());
  const Exit status = follow();
  if (options_.half_close) client_.reset();
  return status;
}

uds::Result<uds::Response, Exit> Conversation::query(std::string_view text) {
  const auto request = read(text);
  if (!request) return Exit::NotARequest;
  if (!client_)
    if (const Exit status = connect(); status != Exit::Ok) return status;
  const auto sent = client_->send_text(request->line, request->id);
  if (!sent && !sent.error().is(uds::Errc::Interrupted)) return failed(sent.error());
  for (;;) {
    auto response = client_->next();
    if (!response && response.error().is(uds::Errc::Interrupted)) return broken(Exit::Interrupted);
    if (!response) return failed(response.error());
    if (!response->final()) continue;
    const std::string last(client_->last_text());
    if (options_.half_close) client_.reset();
    if (response->status() == uds::Status::Ok) return *std::move(response);
    if (!shows_lines()) {
      complain(response->message());
    } else if (const auto shown = renderer_.show(*response, last); !shown) {
      return broken(output_failed(shown.error()));
    }
    return exit_for(*response);
  }
}

Exit Conversation::follow() {
  bool interrupted = false;
  for (;;) {
    const auto response = client_->next();
    if (!response) {
      if (!response.error().is(uds::Errc::Interrupted)) return failed(response.error());
      interrupt_->acknowledge();
      interrupted = true;
      // Where a request cannot be cancelled by asking, closing the connection does it.
      if (client_->cancel()) continue;
      renderer_.clear();
      return broken(Exit::Interrupted);
    }
    if (const auto shown = renderer_.show(*response, client_->last_text()); !shown)
      return broken(output_failed(shown.error()));
    if (!response->final()) continue;
    // Where a server comes back, everybody does: too many at once are asked to try again.
    server_gone_ = response->code() == uds::to_string(uds::Code::ShuttingDown) ||
                   (loss_expected_ && response->code() == uds::to_string(uds::Code::Busy));
    return interrupted ? broken(Exit::Interrupted) : exit_for(*response);
  }
}

}  // namespace udsctl
