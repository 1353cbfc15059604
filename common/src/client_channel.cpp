// The state machine of the coroutine client: plain callbacks on readiness, non-blocking system
// calls, no coroutine.
//
// The callbacks hold the channel weakly. When the last Client and Replies are gone it dies, which
// closes the socket, and by that tells the server that nobody waits any more.
#include "client_channel.hpp"

#include "deadline.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

namespace asio = boost::asio;

namespace uds::detail {
namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10;
/// Reads of one turn, so that a flood leaves other work of the thread its share.
constexpr int kReadsPerTurn = 4;
/// Responses of one request that may wait unread while another request's are awaited. Beyond it
/// that request fails: to stop reading instead would leave the others waiting for ever.
constexpr std::size_t kMaxUnreadBytes = std::size_t{8} << 20;

}  // namespace

PendingReply::PendingReply(const asio::any_io_executor& executor, RequestId request_id,
                           std::optional<std::chrono::milliseconds> timeout)
    : id(std::move(request_id)),
      timer(executor, timeout ? deadline_after(*timeout) : asio::steady_timer::time_point::max()) {}

std::optional<Response> PendingReply::take() {
  if (responses_.empty()) return std::nullopt;
  auto [response, bytes] = std::move(responses_.front());
  responses_.pop_front();
  bytes_ -= bytes;
  return std::move(response);
}

void PendingReply::add(Response response, std::size_t bytes) {
  if (failure) return;
  if (!responses_.empty() && bytes_ + bytes > kMaxUnreadBytes) {
    failure = Error(std::make_error_code(std::errc::no_buffer_space),
                    "the responses to one request were not read while more arrived; read every "
                    "Replies or drop it");
  } else {
    bytes_ += bytes;
    responses_.emplace_back(std::move(response), bytes);
  }
  if (parked) timer.cancel();
}

ClientChannel::ClientChannel(const asio::any_io_executor& executor, Fd socket,
                             ClientOptions options)
    : executor_(executor),
      socket_(executor, asio::local::stream_protocol(), socket.release()),
      options_(std::move(options)),
      reader_(options_.limits, options_.half_close) {}

RequestId ClientChannel::fresh_id() {
  RequestId id;
  do id = RequestId(++last_id_);
  while (pending_.contains(id));
  return id;
}

std::shared_ptr<PendingReply> ClientChannel::start(Request request, Descriptors descriptors) {
  if (!request.id.present()) request.id = fresh_id();
  auto pending = std::make_shared<PendingReply>(executor_, request.id, options_.call_timeout);
  if (failure_) {
    pending->failure = failure_;
  } else if (options_.half_close && used_) {
    pending->failure = Error(Errc::ConnectionLost,
                             "a half-closed connection takes one request only; connect again");
  } else if (pending_.contains(request.id)) {
    pending->failure =
        Error(std::make_error_code(std::errc::invalid_argument),
              "a request with this id is in flight on this connection; choose another id");
  }
  if (pending->failure) return pending;

  used_ = true;
  newest_ = request.id;
  pending_.emplace(request.id, pending);
  std::string text = request.to_text();
  if (!options_.half_close) text += '\n';
  unsent_.append(text, std::move(descriptors));
  pending->written_at_ = unsent_.appended();
  flush();
  return pending;
}

bool ClientChannel::is_written(const PendingReply& pending) const {
  return !can_write_ || pending.failure || unsent_.sent() >= pending.written_at_;
}

void ClientChannel::flush() {
  while (can_write_ && !unsent_.empty()) {
    if (unsent_.send_some(socket_.native_handle()) >= 0) continue;
    if (errno == EAGAIN) return wait_until_writable();
    if (errno != EPIPE && errno != ECONNRESET)
      return fail(Error::from_errno("cannot send to the server", errno));
    can_write_ = false;  // what the server still said is worth reading, so this is no failure yet
  }
  unsent_.clear();
  if (options_.half_close) ::shutdown(socket_.native_handle(), SHUT_WR);
}

void ClientChannel::wait_until_writable() {
  if (std::exchange(writing_, true)) return;
  socket_.async_wait(asio::socket_base::wait_write,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (!self) return;
                       self->writing_ = false;
                       if (error) return;
                       self->flush();
                       for (const auto& [id, waiting] : self->pending_) {
                         const auto pending = waiting.lock();
                         if (pending && pending->parked && self->is_written(*pending))
                           pending->timer.cancel();
                       }
                     });
}

void ClientChannel::park(PendingReply& pending) {
  pending.parked = true;
  wait_until_readable();
}

void ClientChannel::unpark(PendingReply& pending) {
  pending.parked = false;
  if (reading_ && !somebody_waits()) stop_reading_.emit(asio::cancellation_type::total);
}

bool ClientChannel::somebody_waits() const {
  return std::any_of(pending_.begin(), pending_.end(), [](const auto& entry) {
    const auto pending = entry.second.lock();
    return pending && pending->parked && !pending->ready();
  });
}

void ClientChannel::wait_until_readable() {
  if (failure_ || std::exchange(reading_, true)) return;
  auto on_ready = [weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self) return;
    self->reading_ = false;
    if (!error) self->on_readable();
    if (self->somebody_waits()) self->wait_until_readable();
  };
  socket_.async_wait(asio::socket_base::wait_read,
                     asio::bind_cancellation_slot(stop_reading_.slot(), std::move(on_ready)));
}

void ClientChannel::on_readable() {
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    const std::span<char> room = reader_.prepare(kReadSize);
    const ssize_t received = ::recv(socket_.native_handle(), room.data(), room.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0 && errno == EAGAIN) return;
    if (received > 0) reader_.commit(static_cast<std::size_t>(received));
    if (received <= 0) reader_.finish();
    for (;;) {
      auto response = reader_.next();
      if (!response) return fail(response.error());
      if (!*response) break;
      deliver(std::move(**response), reader_.last_text().size());
    }
  }
}

std::shared_ptr<PendingReply> ClientChannel::recipient(const Response& response) {
  RequestId id = response.id();
  if (options_.half_close) {
    id = newest_;
  } else if (!id.present()) {
    // Not attributed: the server names the request in its details, or could not read the one that
    // was sent last.
    if (response.status() != Status::Error) return nullptr;
    const auto named = response.error().find("id");
    const auto parsed =
        named == response.error().end() ? std::nullopt : RequestId::from_json(*named);
    id = parsed && parsed->present() ? *parsed : newest_;
  }
  const auto found = pending_.find(id);
  if (found == pending_.end()) return nullptr;
  auto pending = found->second.lock();
  if (response.final()) pending_.erase(found);
  return pending;
}

void ClientChannel::deliver(Response response, std::size_t bytes) {
  if (const auto pending = recipient(response)) pending->add(std::move(response), bytes);
}

void ClientChannel::fail(const Error& error) {
  failure_ = error;
  can_write_ = false;
  boost::system::error_code ignored;
  socket_.close(ignored);
  for (const auto& [id, waiting] : std::exchange(pending_, {})) {
    const auto pending = waiting.lock();
    if (!pending) continue;
    pending->failure = error;
    if (pending->parked) pending->timer.cancel();
  }
}

}  // namespace uds::detail
