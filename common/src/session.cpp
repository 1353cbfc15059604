// The life of a session; its requests are in session_requests.cpp, its output in
// session_output.cpp, and what it tells of both in session_notes.cpp.
#include "session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "spawn.hpp"

namespace uds::detail {

namespace asio = boost::asio;

namespace {

/// Room for one read: most requests are small, and most connections idle.
constexpr std::size_t kIdleReadBytes = 192;
constexpr std::size_t kReadBytes = std::size_t{16} << 10;
/// After the framing is lost: input discarded so that closing does not destroy the answer
/// (docs/protocol.md).
constexpr std::size_t kLingerBytes = std::size_t{4} << 20;
constexpr std::chrono::seconds kLingerTime{1};

Response stopping() {
  return Response::error(Code::ShuttingDown, "the server is stopping; try again later");
}

/// Forgets a deadline when the scope that it refers to ends, however that happens.
class ForgetAtExit {
 public:
  ForgetAtExit(ServerCore& core, const DeadlineQueue::Token& token) : core_(core), token_(token) {}
  ForgetAtExit(const ForgetAtExit&) = delete;
  ForgetAtExit& operator=(const ForgetAtExit&) = delete;
  ~ForgetAtExit() { core_.forget(token_); }

 private:
  ServerCore& core_;
  DeadlineQueue::Token token_;
};

}  // namespace

Session::Session(std::shared_ptr<ServerCore> core, Fd descriptor, Peer peer,
                 std::shared_ptr<Usage> user)
    : core_(std::move(core)),
      number_(core_->next_connection()),
      limits_(core_->limits),
      transport_(core_->executor(), std::move(descriptor)),
      peer_(std::move(peer)),
      user_(std::move(user)),
      decoder_(limits_.message_bytes),
      queue_(limits_.queued_bytes),
      rules_(limits_.requests_in_flight),
      read_bytes_(kIdleReadBytes) {
  if (core_->draining()) rules_.drain();
}

ConnectionInfo Session::info() const {
  const auto now = DeadlineQueue::Clock::now();
  const auto since = [now](DeadlineQueue::Clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - begin);
  };
  std::vector<RequestInfo> requests;
  requests.reserve(exchanges_.size());
  for (const auto& exchange : exchanges_)
    requests.push_back(
        {exchange->responses.id(), exchange->call.request().cmd, since(exchange->started)});
  return {number_,
          peer_,
          since(opened_),
          rules_.in_flight(),
          queue_.pending().size(),
          std::move(requests)};
}

void Session::start() {
  guard([this] { step(); });
}

[[gnu::hot]] void Session::step() {
  handle_frames();
  flush();
  if (finished()) return end();
  if (turn_over_) return step_soon();
  if (rules_.draining() && idle()) {
    if (!read_leftover()) return end();
    // A peer that sends without pause must not keep the drain limit from being noticed.
    return step_soon();
  }
  if (input_ended_ || holding()) return park();
  if (core_->router.accepts_descriptors(peer_)) return read_with_descriptors();
  read();
}

void Session::step_soon() {
  asio::post(core_->executor(),
             [self = shared_from_this()] { self->guard([&self] { self->step(); }); });
}

bool Session::idle() const {
  return exchanges_.empty() && queue_.empty();
}

[[gnu::hot]] bool Session::finished() const {
  if (gone_) return exchanges_.empty();
  return (input_ended_ || framing_lost_) && idle();
}

/// The kernel gets no room for descriptors, and drops those that come.
[[gnu::hot]] void Session::read() {
  const std::span<char> room = prepare_read();
  transport_.read_some(
      room, [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
        self->guard([&] {
          self->finish_read(error, size);
          self->step();
        });
      });
}

void Session::read_with_descriptors() {
  const std::span<char> room = prepare_read();
  transport_.when_readable(
      [self = shared_from_this(), room](const boost::system::error_code& failure) {
        self->guard([&] {
          Passed passed;
          std::size_t size = 0;
          const auto error = failure ? failure : self->transport_.receive(room, passed, size);
          self->finish_read(error, size);
          if (size > 0) self->accept_descriptors(std::move(passed));
          self->step();
        });
      });
}

[[gnu::hot]] std::span<char> Session::prepare_read() {
  if (read_bytes_ == kIdleReadBytes && decoder_.capacity() > kIdleReadBytes) decoder_.release();
  const std::span<char> room = decoder_.prepare(read_bytes_);
  reading_ = true;
  return room;
}

[[gnu::hot]] void Session::finish_read(const boost::system::error_code& error, std::size_t size) {
  reading_ = false;
  active_ = size > 0;
  if (error == asio::error::eof)
    decoder_.finish();
  else if (error && error != asio::error::operation_aborted)
    lose_peer();
  else
    decoder_.commit(size);
  if (size >= read_bytes_) read_bytes_ = kReadBytes;
}

/// `passed` came with the bytes that were committed last.
void Session::accept_descriptors(Passed passed) {
  charge();
  if (user_->descriptors + passed.descriptors.size() > limits_.descriptors_per_uid) {
    passed.descriptors.clear();
    passed.refused = true;
  }
  inbox_.add(decoder_.taken() + decoder_.buffered() - 1, std::move(passed));
  charge();
}

void Session::sweep() {
  queue_.trim();  // a stream that paused
  if (std::exchange(active_, false)) return;
  std::string().swap(quick_command_);
  queue_.release();
  if (reading_ && read_bytes_ > kIdleReadBytes && !decoder_.partial()) {
    read_bytes_ = kIdleReadBytes;
    transport_.interrupt();
  }
}

/// What arrived before the server began to drain is still answered. False when nothing is left.
bool Session::read_leftover() {
  const std::span<char> room = decoder_.prepare(kReadBytes);
  ssize_t size = transport_.receive_now(room);
  if (size < 0) {
    // Whoever sends from here on is told so, and does not wait for an answer in vain. What came
    // before that is looked for once more; its end is ours then, and not the peer's.
    transport_.shutdown_receive();
    size = transport_.receive_now(room);
    if (size <= 0 && !decoder_.partial()) return false;
    if (size <= 0) {
      lose_framing(Code::ShuttingDown, stopping(), "a message that was unfinished at the stop");
      return true;
    }
  }
  if (size == 0)
    decoder_.finish();
  else
    decoder_.commit(static_cast<std::size_t>(size));
  return true;
}

void Session::park() {
  watch_partial_message(false);
  if (gone_)
    transport_.close();
  else
    transport_.watch_hangup([self = shared_from_this()] { self->lose_peer(); });
  parked_ = true;
}

void Session::wake() {
  if (std::exchange(parked_, false)) {
    transport_.unwatch_hangup();
    try {
      step_soon();
    } catch (const std::bad_alloc&) {
      start();
    }
  } else if (reading_ && ((rules_.draining() && idle()) || framing_lost_ || gone_)) {
    transport_.interrupt();
  }
}

void Session::end() {
  watch_partial_message(false);
  if (!framing_lost_ || gone_) return close();
  spawn_supervised(core_->executor(), linger(), {},
                   [self = shared_from_this()](std::exception_ptr) { self->close(); });
}

/// Ends sending, then reads and drops what still comes, so that the peer gets the answer before a
/// reset.
Task<void> Session::linger() {
  transport_.shutdown_send();
  decoder_.discard();
  charge();
  bool over = false;
  const auto limit = core_->at(DeadlineQueue::Clock::now() + kLingerTime, [this, &over] {
    over = true;
    transport_.interrupt();
  });
  const ForgetAtExit forget(*core_, limit);  // it refers to this frame
  std::size_t dropped = 0;
  while (!over && !gone_ && dropped < kLingerBytes) {
    const std::span<char> room = decoder_.prepare(kReadBytes);
    const auto [error, size] =
        co_await transport_.read_some(room, asio::as_tuple(asio::use_awaitable));
    if (error) break;
    dropped += size;
  }
}

void Session::close() {
  if (core_->closed()) return;
  gone_ = true;
  inbox_.clear();
  watch_stall(false);
  charge();
  transport_.close();
  core_->leave(*this);
}

void Session::break_off() {
  end_run();
  lose_peer();
  core_->log_broken("a session ended by an exception");
  close();
}

void Session::drain() {
  rules_.drain();
  wake();
}

void Session::stop() {
  if (gone_) return;
  or_lose_peer([this] {
    for (const auto& exchange : exchanges_) {
      exchange->end = Exchange::End::ShuttingDown;
      respond(exchange->responses, exchange->cancelled_response());
    }
  });
  blocked_ = false;  // one last attempt, whatever the kernel said before
  flush();
  leave(Exchange::End::ShuttingDown);
}

void Session::lose_peer() {
  leave(Exchange::End::PeerGone);
}

/// Nothing is sent from here on; what is in flight is cancelled for `reason`.
void Session::leave(Exchange::End reason) {
  if (gone_) return;
  gone_ = true;
  queue_.clear();
  queue_.release();
  cancel_all(reason);
  if (drained_) drained_->cancel();
  wake();
}

void Session::cancel_all(Exchange::End reason) {
  for (auto next = exchanges_.begin(); next != exchanges_.end();) {
    const ExchangePtr exchange = *next++;  // it may end, and leave the list, while it is told
    exchange->cancel(reason);
  }
}

}  // namespace uds::detail
