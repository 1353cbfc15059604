// How a session takes frames and runs handlers; its life is in session.cpp, its output in
// session_output.cpp, and what it tells of them in session_notes.cpp.
#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <exception>
#include <string>
#include <utility>

#include "plain_text.hpp"
#include "request_reader.hpp"
#include "session.hpp"
#include "spawn.hpp"

namespace uds::detail {

namespace {

/// The exchange of a coroutine, with the request that it refers to.
struct Running {
  Running(Session& session, Request&& asked, bool admin, Descriptors&& descriptors,
          DeadlineQueue::Clock::time_point since)
      : request(std::move(asked)),
        exchange(session, request, admin, std::move(descriptors), since) {}

  Request request;
  Exchange exchange;
};

/// Connections of one user that have a full share each.
constexpr std::size_t kCrowd = 64;

Response bad_frame_timeout() {
  Json details = Json::object();
  details["reason"] = "timeout";
  return Response::error(Code::BadFrame, "the message was not finished in time; send it whole",
                         std::move(details));
}

Response too_large(std::size_t limit) {
  Json details = Json::object();
  details["limit"] = limit;
  return Response::error(Code::TooLarge,
                         "the message has more than " + std::to_string(limit) + " bytes; send less",
                         std::move(details));
}

Response busy(std::string_view limit) {
  Json details = Json::object();
  details["limit"] = limit;
  return Response::error(Code::Busy,
                         "too much is going on for you here; wait for answers, then try again",
                         std::move(details));
}

}  // namespace

/// How many frames may be taken before others get their turn: less for each of many connections of
/// one user, or all of them together would keep the others waiting.
[[gnu::hot]] std::size_t Session::share() const {
  const std::size_t crowd = 1 + user_->connections / kCrowd;
  return std::max<std::size_t>(limits_.frames_per_turn / crowd, 1);
}

[[gnu::hot]] std::string_view Session::exceeded_limit() const {
  if (user_->buffered_bytes > limits_.buffered_bytes_per_uid) return "buffered_bytes_per_uid";
  if (core_->usage.buffered_bytes > limits_.buffered_bytes) return "buffered_bytes";
  return {};
}

[[gnu::hot]] void Session::handle_frames() {
  turn_over_ = false;
  begin_run();
  take_frames();
  end_run();
}

[[gnu::hot]] void Session::take_frames() {
  const std::size_t most = share();
  for (std::size_t taken = 0; !holding() && !input_ended_; ++taken) {
    // Where nothing is left there is nothing to come back for.
    if (taken == most && decoder_.buffered() > 0) {
      turn_over_ = true;
      return;
    }
    const FrameDecoder::Item item = decoder_.next();
    switch (item.event) {
      case FrameDecoder::Event::Frame:
        if (partial_deadline_) watch_partial_message(false);
        // One byte early for a last frame without terminator: that byte is the previous frame's.
        handle_frame(item.text,
                     inbox_.take(decoder_.taken() - item.text.size() - 1, decoder_.taken()));
        break;
      case FrameDecoder::Event::NeedMore:
        if (!decoder_.partial()) return watch_partial_message(false);
        charge();
        if (const std::string_view limit = exceeded_limit(); !limit.empty())
          return lose_framing(Code::Busy, busy(limit), "a message that found no room");
        return watch_partial_message(true);
      case FrameDecoder::Event::End:
        input_ended_ = true;
        break;
      case FrameDecoder::Event::TooLarge:
        return lose_framing(Code::TooLarge, too_large(limits_.message_bytes),
                            "a message above the limit in bytes");
    }
    if (queue_.above_high_water()) {
      end_run();
      flush();
    }
  }
}

[[gnu::hot]] void Session::handle_frame(std::string_view text, Passed&& passed) {
  const bool first = std::exchange(first_message_, false);
  Request request{std::string()};
  if (read_request(text, true, limits_, request)) [[likely]]
    handle_request(request, std::move(passed));
  else
    handle_unusual_frame(text, std::move(passed), first);
}

/// What the short way does not take: mostly not acceptable.
void Session::handle_unusual_frame(std::string_view text, Passed&& passed, bool first) {
  Result<Request, Rejection> judged = judge_request(text, limits_);
  if (!judged) return reject(std::move(judged).error(), first);
  handle_request(*judged, std::move(passed));
}

[[gnu::hot]] void Session::handle_request(Request& request, Passed&& passed) {
  SessionRules::Verdict verdict = rules_.judge(request.id);
  std::string_view limit = exceeded_limit();
  if (peer_.uid != 0 && user_->requests_in_flight >= limits_.requests_in_flight_per_uid)
    limit = "requests_in_flight_per_uid";
  if (core_->low_on_memory && core_->low_on_memory()) limit = "memory";
  if (verdict == SessionRules::Verdict::DuplicateId) return refuse_duplicate(request.id);
  if ((verdict != SessionRules::Verdict::Accept || !limit.empty()) && !is_exempt(request.cmd))
    return refuse(request, verdict, limit);

  auto routed = core_->router.route(request, peer_);
  if (!routed) {
    return answer(request.cmd, request.id, routed.error());
  }
  const auto& [command, handler] = **routed;
  if (!command.takes_descriptors())
    passed.descriptors.clear();
  else if (auto refusal = check_descriptors(command, passed))
    return answer(request.cmd, request.id, *refusal);
  if (quick_ > 0 && !same_text(request.cmd, quick_command_)) begin_run();
  if (handler.plain())
    run_plain(*handler.plain(), request, std::move(passed.descriptors));
  else
    start_coroutine(handler.coroutine(), std::move(request), std::move(passed.descriptors));
}

std::optional<Response> Session::check_descriptors(const Command& command,
                                                   const Passed& passed) const {
  const std::size_t count = passed.descriptors.size();
  if (passed.refused) return busy("descriptors_per_uid");
  if (passed.truncated && count < Descriptors::kMost) return busy("descriptors");
  if (count > 0 && lent_descriptors_ > 0) return busy("requests_with_descriptors");
  if (!passed.truncated && command.takes_descriptors(count)) return std::nullopt;
  Json details = Json::object();
  details["field"] = "descriptors";
  return Response::error(Code::BadRequest,
                         command.name() + " takes another number of descriptors; ask help for it",
                         std::move(details));
}

void Session::reject(Rejection rejection, bool first) {
  if (rejection.varlink_method && first) {
    std::string answer =
        R"({"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":)";
    append_json_string(answer, *rejection.varlink_method);
    answer += "}}";
    queue_.append_text(answer, Framing::Nul);
  } else if (!rejection.attributed) {
    end_run();
    note_request(kNoCommand, {}, rejection.id, rejection.response, now_);
    respond_unattributed(rejection.response);
  } else if (rules_.in_use(rejection.id)) {
    refuse_duplicate(rejection.id);
  } else {
    answer({}, rejection.id, rejection.response);
  }
}

/// Commands such as cancel run whatever the limits say: they end at once, and may be the remedy.
bool Session::is_exempt(std::string_view command) const {
  const Router::Entry* entry = core_->router.find(command);
  return entry && entry->command.exempt();
}

void Session::refuse(const Request& request, SessionRules::Verdict verdict,
                     std::string_view limit) {
  if (verdict == SessionRules::Verdict::ShuttingDown)
    return answer(request.cmd, request.id,
                  Response::error(Code::ShuttingDown, "the server is stopping; try again later"));
  if (verdict == SessionRules::Verdict::Busy) limit = "requests_in_flight";
  answer(request.cmd, request.id, busy(limit));
}

void Session::refuse_duplicate(const RequestId& id) {
  Json details = Json::object();
  details["id"] = id.to_json();
  respond_unattributed(Response::error(Code::DuplicateId,
                                       "a request with this id is in flight; choose another id",
                                       std::move(details)));
}

[[gnu::hot]] void Session::run_plain(const Handler::Plain& handler, Request& request,
                                     Descriptors&& descriptors) {
  Exchange exchange(*this, request, core_->router.is_admin(peer_), std::move(descriptors), now_);
  const Response response = [&] {
    try {
      return handler(exchange.call);
    } catch (const std::exception& error) {
      return internal_error(exchange, error.what());
    } catch (...) {
      return internal_error(exchange, "an exception that is no std::exception");
    }
  }();
  conclude(exchange, response, true);
}

void Session::start_coroutine(std::shared_ptr<const Handler::Coroutine> handler, Request&& request,
                              Descriptors&& descriptors) {
  const auto running = std::make_shared<Running>(
      *this, std::move(request), core_->router.is_admin(peer_), std::move(descriptors), now_);
  const ExchangePtr exchange(running, &running->exchange);
  rules_.begin(exchange->responses.id());
  ++core_->usage.requests_in_flight;
  ++user_->requests_in_flight;
  lent_descriptors_ += exchange->descriptors;
  in_order_ = !exchange->responses.id().present();
  try {
    exchanges_.push_back(exchange);
    core_->notify({.kind = Event::Kind::RequestStarted,
                   .peer = peer_,
                   .connection = number_,
                   .command = exchange->call.request().cmd,
                   .id = &exchange->responses.id()});
    if (running->request.timeout) {
      const auto fire = [weak = std::weak_ptr(exchange)] {
        if (const auto late = weak.lock()) late->cancel(Exchange::End::Deadline);
      };
      exchange->deadline = core_->at(exchange->started + *running->request.timeout, fire);
    }
    auto done = [this, self = shared_from_this(), exchange](std::exception_ptr error) {
      if (error && !core_->closed()) finish_broken(exchange);
    };
    spawn_supervised(core_->executor(), serve(exchange, std::move(handler)),
                     exchange->signal.slot(), std::move(done));
  } catch (const std::bad_alloc&) {
    finish_broken(exchange);
  }
  begin_run();  // it ran up to where it first waits
}

Task<void> Session::serve(ExchangePtr exchange, std::shared_ptr<const Handler::Coroutine> handler) {
  std::optional<Response> response;
  try {
    Response result = co_await (*handler)(exchange->call);
    response = std::move(result);
  } catch (const std::exception& error) {
    if (exchange->end != Exchange::End::None)
      response = exchange->cancelled_response();
    else
      response = internal_error(*exchange, error.what());
  } catch (...) {
    response = internal_error(*exchange, "an exception that is no std::exception");
  }
  finish(exchange, *response);
}

void Session::finish(const ExchangePtr& exchange, const Response& response) {
  forget_exchange(exchange);
  conclude(*exchange, response, false);
  flush_soon();
  wake();
}

void Session::finish_broken(const ExchangePtr& exchange) {
  if (exchange->finished) return;
  forget_exchange(exchange);
  or_lose_peer([&] { conclude(*exchange, internal_error(*exchange, "no memory"), false); });
  flush_soon();
  wake();
}

void Session::forget_exchange(const ExchangePtr& exchange) {
  exchange->finished = true;
  if (exchange->deadline) core_->forget(*exchange->deadline);
  rules_.end(exchange->responses.id());
  --core_->usage.requests_in_flight;
  --user_->requests_in_flight;
  lent_descriptors_ -= exchange->descriptors;
  if (!exchange->responses.id().present()) in_order_ = false;
  exchanges_.remove(exchange);
  charge();
}

bool Session::cancel_request(const RequestId& id) {
  for (const auto& exchange : exchanges_) {
    if (exchange->responses.id() != id) continue;
    exchange->cancel(Exchange::End::Cancelled);
    return true;
  }
  return false;
}

void Session::lose_framing(Code code, const Response& reason, std::string_view log_text) {
  note_end(to_string(code), "connection to be closed: " + std::string(log_text));
  respond_unattributed(reason);
  framing_lost_ = true;
  watch_partial_message(false);  // one reason is enough
  wake();
}

/// `partial`: a message has begun and the session waits for the rest of it.
[[gnu::hot]] void Session::watch_partial_message(bool partial) {
  if (!partial) {
    if (partial_deadline_) core_->forget(*std::exchange(partial_deadline_, std::nullopt));
  } else if (!partial_deadline_) {
    const auto limit = DeadlineQueue::Clock::now() + limits_.partial_message;
    partial_deadline_ = core_->at(limit, [this, weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      partial_deadline_.reset();
      or_lose_peer([this] {
        lose_framing(Code::BadFrame, bad_frame_timeout(), "a message was not finished in time");
      });
    });
  }
}

}  // namespace uds::detail
