// Body of conversation.hpp.
#include "conversation.hpp"

#include "output.hpp"
#include "runs/run_exit.hpp"

#include "uds/units.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace udsctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestPause{5'000};

}  // namespace

bool is_absent(const uds::Error& error) {
  return error.is(uds::Errc::NoDaemon) || error.is(uds::Errc::ConnectionRefused);
}

std::optional<milliseconds> repeat_after(const uds::Response& response) {
  if (response.status() != uds::Status::Error || !response.error().is_object()) return std::nullopt;
  if (response.error().value("retryable", uds::Json()) != uds::Json(true)) return std::nullopt;
  const auto wait = response.error().find("retry_after_ms");
  if (wait == response.error().end() || !wait->is_number_integer()) return milliseconds(0);
  // As long as a wait can be told to poll(2).
  return std::clamp(milliseconds(wait->get<std::int64_t>()), milliseconds(0),
                    milliseconds(std::numeric_limits<int>::max()));
}

milliseconds Pauses::next() {
  return std::exchange(next_, std::min(2 * next_, kLongestPause));
}

Conversation::Conversation(const Options& options)
    : options_(options), connection_(options), renderer_(options) {}

Exit Conversation::broken(Exit status) noexcept {
  broken_ = true;
  connection_.close();
  return status;
}

Exit Conversation::failed(const uds::Error& error) {
  server_gone_ = error.is(uds::Errc::ConnectionLost);
  renderer_.clear();
  if (server_gone_ && loss_expected_) return broken(exit_for(error));
  return broken(connection_.explain_failure(error));
}

Exit Conversation::connect() {
  const auto opened = connection_.open();
  return opened ? Exit::Ok : failed(opened.error());
}

Exit Conversation::reconnect() {
  const auto opened = connection_.open();
  if (opened) {
    broken_ = server_gone_ = false;
    return Exit::Ok;
  }
  const Exit reason = exit_for(opened.error());
  const bool may_help = reason == Exit::NoDaemon || reason == Exit::Timeout;
  return may_help ? Exit::NoDaemon : failed(opened.error());
}

Exit Conversation::connect_again(Pauses& pauses, std::chrono::steady_clock::time_point give_up) {
  for (;;) {
    if (rest(pauses.next()) == Exit::Interrupted) return Exit::Interrupted;
    const Exit status = reconnect();
    if (status != Exit::NoDaemon || std::chrono::steady_clock::now() >= give_up) return status;
  }
}

void Conversation::tell_of_repeat(const uds::Response& response, milliseconds pause) {
  renderer_.clear();
  if (options_.format != Format::Nothing)
    complain(response.message() + "; trying again in " + uds::format_duration(pause));
}

Exit Conversation::rest(milliseconds pause) {
  return connection_.rest(pause) ? Exit::Ok : Exit::Interrupted;
}

std::optional<RequestText> Conversation::read(std::string_view text, std::string_view where) {
  // A server that reads to end of file gets the text as it is.
  const auto id = options_.half_close ? std::nullopt : std::optional(last_id_ + 1);
  auto request = read_request(text, id, options_.half_close ? std::nullopt : options_.timeout);
  if (!request) {
    fail(Exit::NotARequest, std::string(where) + request.error().message());
    return std::nullopt;
  }
  ++last_id_;
  return *std::move(request);
}

Exit Conversation::ask(const RequestText& request) {
  return converse(request, [this](const uds::Response& response, std::string_view text) {
    return renderer_.show(response, text);
  });
}

Exit Conversation::ask_once(std::string_view text) {
  const auto request = read(text);
  return finish(request ? ask(*request) : Exit::NotARequest);
}

Exit Conversation::present(std::string_view text, std::string (*lay_out)(const uds::Json& data)) {
  if (shows_lines()) return ask_once(text);
  const auto answer = query(text);
  return answer ? print(lay_out(answer->data())) : answer.error();
}

Exit Conversation::finish(Exit status) {
  renderer_.clear();
  const Exit finished = renderer_.finish();
  return status == Exit::Ok ? finished : status;
}

uds::Result<uds::Response, Exit> Conversation::query(
    std::string_view text, const std::function<void(const uds::Response&)>& each) {
  const auto request = read(text);
  if (!request) return Exit::NotARequest;
  std::optional<uds::Response> answer;
  const Exit status =
      converse(*request, [&](const uds::Response& response, std::string_view received) {
        if (loss_expected_ && says_it_goes(response)) return Exit::Ok;
        if (response.status() == uds::Status::Error) return renderer_.show(response, received);
        if (response.final())
          answer = response;
        else if (each)
          each(response);
        return Exit::Ok;
      });
  if (status != Exit::Ok || !answer) return status == Exit::Ok ? Exit::NoFinal : status;
  return *std::move(answer);
}

Exit Conversation::show(const uds::Response& answer) {
  std::string text;
  answer.append_to(text);
  return renderer_.show(answer, text);
}

uds::Result<uds::Response> Conversation::fetch(std::string_view text) {
  const auto failure = [this](const uds::Error& error) {
    connection_.close();
    return uds::Error(error.code(), connection_.sentence_for(error));
  };
  const auto request = read(text);
  if (!request) return uds::Error(uds::Errc::NotARequest);
  if (!connection_.is_open())
    if (const auto opened = connection_.open(); !opened) return failure(opened.error());
  const auto sent = connection_.client().send_text(request->line, request->id);
  if (!sent && !sent.error().is(uds::Errc::Interrupted)) return failure(sent.error());
  for (;;) {
    auto response = connection_.client().next();
    if (!response) return failure(response.error());
    if (!response->final()) continue;
    if (options_.half_close) connection_.close();
    return *std::move(response);
  }
}

Exit Conversation::converse(const RequestText& request, const Show& show) {
  Pauses pauses;
  for (unsigned left = options_.retries;; --left) {
    repeat_after_.reset();
    const Exit status = attempt(request, show, left > 0);
    if (!repeat_after_) return status;
    const milliseconds pause = std::max(pauses.next(), *repeat_after_);
    if (last_answer_) tell_of_repeat(*std::exchange(last_answer_, std::nullopt), pause);
    if (rest(pause) == Exit::Interrupted) return broken(Exit::Interrupted);
  }
}

Exit Conversation::attempt(const RequestText& request, const Show& show, bool may_repeat) {
  if (!connection_.is_open()) {
    const auto opened = connection_.open();
    // An answer has said that there will be a daemon again.
    const bool again = !opened && may_repeat && server_gone_ && is_absent(opened.error());
    if (again) repeat_after_ = milliseconds(0);
    if (!opened) return again ? exit_for(opened.error()) : failed(opened.error());
    server_gone_ = false;
  }
  const auto sent = connection_.client().send_text(request.line, request.id);
  if (!sent && !sent.error().is(uds::Errc::Interrupted)) return failed(sent.error());
  const Exit status = follow(show, may_repeat);
  if (options_.half_close) connection_.close();
  return status;
}

bool Conversation::says_it_goes(const uds::Response& response) const {
  // Where a server comes back, everybody does: too many at once are asked to try again.
  return is_code(response, uds::Code::ShuttingDown) ||
         (loss_expected_ && is_code(response, uds::Code::Busy));
}

Exit Conversation::follow(const Show& show, bool may_repeat) {
  bool interrupted = false;
  for (;;) {
    uds::BlockingClient& client = connection_.client();
    const auto response = client.next();
    if (!response) {
      const bool signalled = response.error().is(uds::Errc::Interrupted);
      if (!signalled && !interrupted) return failed(response.error());
      if (signalled) connection_.acknowledge_interrupt();
      // Where a request cannot be cancelled by asking, closing the connection does it.
      if (!signalled || !client.cancel()) {
        renderer_.clear();
        return broken(Exit::Interrupted);
      }
      client.set_call_timeout(kPatienceOnceCancelled);
      interrupted = true;
      continue;
    }
    if (response->final() && !interrupted && may_repeat) repeat_after_ = repeat_after(*response);
    if (repeat_after_) last_answer_ = *response;
    const Exit shown = repeat_after_ ? Exit::Ok : show(*response, client.last_text());
    if (shown != Exit::Ok && shown != Exit::NoField) return broken(shown);
    if (!response->final()) continue;
    server_gone_ = says_it_goes(*response);
    // What is told without an id is told before the connection is closed.
    if (repeat_after_ && (server_gone_ || !response->id().present())) connection_.close();
    if (interrupted) return broken(Exit::Interrupted);
    if (shown != Exit::Ok) return shown;
    return passes_status(options_.verb) ? run_exit(*response) : exit_for(*response);
  }
}

}  // namespace udsctl
