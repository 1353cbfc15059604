// What a session sends: responses into the queue, the queue into the socket, and what is held for
// it.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "session.hpp"

namespace uds::detail {

namespace asio = boost::asio;

[[gnu::hot]] void Session::respond(ResponseSequence& responses, const Response& response) {
  const std::uint64_t number = responses.number(response);
  if (number == 0 || gone_) return;
  try {
    queue_.append(response, responses.id(), number, decoder_.framing());
  } catch (...) {
    responses.take_back();
    throw;
  }
}

/// Queues the final response. Where there is no memory for it a small ERROR takes its place, and
/// where there is none even for that the connection ends: silence is no answer.
[[gnu::hot]] void Session::conclude(Exchange& exchange, const Response& response, bool plain) {
  try {
    const Request& request = exchange.call.request();
    if (!plain || response.status() != Status::Ok || no_runs_) {
      note_request(request.cmd, request.cmd, request.id, response, exchange.started);
    } else {
      if (quick_ == 0) quick_command_ = request.cmd;
      ++quick_;
    }
    respond(exchange.responses, response);
  } catch (const std::exception& error) {
    try {
      respond(exchange.responses, internal_error(exchange, error.what()));
    } catch (const std::exception&) {
      lose_peer();
    }
  }
}

void Session::answer(std::string_view command, const RequestId& id, const Response& response) {
  end_run();
  const bool known = core_->router.find(command) != nullptr;
  note_request(known ? command : kNoCommand, command, id, response, now_);
  ResponseSequence responses(id);
  respond(responses, response);
}

void Session::respond_unattributed(const Response& response) {
  if (!gone_) queue_.append(response, decoder_.framing());
}

[[gnu::hot]] void Session::flush() {
  if (queue_.empty()) return charge();
  send_queued();
  queue_.trim();
}

[[gnu::hot]] void Session::send_queued() {
  or_lose_peer([this] { try_flush(); });
  charge();
}

[[gnu::hot]] void Session::try_flush() {
  if (blocked_ || gone_ || queue_.empty()) return;
  std::size_t sent = 0;
  const Transport::Sent outcome = transport_.send_now(queue_.pending(), sent);
  queue_.consume(sent);
  if (outcome == Transport::Sent::Broken) return lose_peer();
  if (outcome == Transport::Sent::Blocked) {
    watch_stall(sent > 0);
    transport_.when_writable([this, self = shared_from_this()] {
      blocked_ = false;
      flush();
      if (!queue_.above_high_water()) wake();
    });
    blocked_ = true;
  } else {
    watch_stall(true);
  }
  if (drained_ && !queue_.above_high_water()) drained_->cancel();
  if (rules_.draining() && idle()) wake();
}

[[gnu::hot]] void Session::charge() {
  const std::size_t now = gone_ ? 0 : decoder_.buffered() + queue_.pending().size();
  user_->buffered_bytes += now - charged_bytes_;  // unsigned: a difference below zero wraps back
  core_->usage.buffered_bytes += now - charged_bytes_;
  charged_bytes_ = now;
  const std::size_t descriptors = inbox_.held() + lent_descriptors_;
  user_->descriptors += descriptors - charged_descriptors_;
  core_->usage.descriptors += descriptors - charged_descriptors_;
  charged_descriptors_ = descriptors;
}

void Session::flush_soon() {
  if (flush_posted_) return;
  try {
    asio::post(core_->executor(), [this, self = shared_from_this()] {
      flush_posted_ = false;
      flush();
    });
    flush_posted_ = true;
  } catch (const std::bad_alloc&) {
    flush();
  }
}

/// Called after each attempt to send; `progressed` says that the reader took something.
[[gnu::hot]] void Session::watch_stall(bool progressed) {
  if (queue_.empty() || gone_) {
    if (stall_deadline_) core_->forget(*std::exchange(stall_deadline_, std::nullopt));
    return;
  }
  if (progressed || !stall_deadline_) last_progress_ = DeadlineQueue::Clock::now();
  if (!stall_deadline_) arm_stall();
}

void Session::arm_stall() {
  stall_deadline_ =
      core_->at(last_progress_ + limits_.stalled_reader, [this, weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        stall_deadline_.reset();
        // A Unix socket polls writable only when most of its buffer is free; a slow reader may
        // have taken less.
        std::size_t sent = 0;
        transport_.send_now(queue_.pending(), sent);
        queue_.consume(sent);
        if (sent > 0) last_progress_ = DeadlineQueue::Clock::now();
        if (queue_.empty()) return;
        or_lose_peer([this] {
          if (DeadlineQueue::Clock::now() - last_progress_ < limits_.stalled_reader)
            return arm_stall();
          note_end("stalled_reader", "connection dropped: the reader takes nothing");
          lose_peer();
        });
      });
}

Task<void> Session::emit(Exchange& exchange, const Response& partial) {
  if (exchange.end == Exchange::End::None) respond(exchange.responses, partial);
  charge();
  return have_room();
}

/// Completes when a handler may send more.
Task<void> Session::have_room() {
  if (!queue_.above_high_water()) {
    flush_soon();
    co_return;
  }
  send_queued();
  if (!drained_)
    drained_ = std::make_unique<asio::steady_timer>(core_->executor(),
                                                    DeadlineQueue::Clock::time_point::max());
  while (queue_.above_high_water())
    co_await drained_->async_wait(asio::as_tuple(asio::use_awaitable));
  // A reader as fast as the handler must not keep the loop from everybody else.
  co_await asio::post(core_->executor(), asio::use_awaitable);
}

}  // namespace uds::detail
