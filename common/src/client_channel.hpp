// ClientChannel: one connection of the coroutine client, shared by all who wait for replies on it.
//
// Owns the socket, the bytes not sent yet and the reader. Whatever arrives goes to the request it
// answers; coroutines only ever wait on the timer of their own request, so any of them may be
// cancelled at any time without harm to the others. Reads only while somebody waits. Holds no
// coroutine, never blocks.
#pragma once

#include "outbox.hpp"
#include "reply_reader.hpp"

#include "uds/client.hpp"
#include "uds/fd.hpp"
#include "uds/message.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace uds::detail {

/// One request in flight and what has arrived for it. Belongs to the Replies; the channel only
/// points to it.
class PendingReply {
 public:
  using Clock = std::chrono::steady_clock;

  PendingReply(const boost::asio::any_io_executor& executor, RequestId request_id,
               std::optional<std::chrono::milliseconds> timeout);

  /// The oldest response not taken yet.
  std::optional<Response> take();
  /// Something is there for next() to return.
  [[nodiscard]] bool ready() const { return !responses_.empty() || failure || expired(); }
  [[nodiscard]] bool expired() const { return timer.expiry() <= Clock::now(); }

  const RequestId id;
  /// Why no more responses come, once those that are queued have been taken.
  std::optional<Error> failure;
  /// A coroutine waits on `timer`, which ends at the deadline of the call and is cancelled to wake
  /// it.
  bool parked = false;
  boost::asio::steady_timer timer;

 private:
  friend class ClientChannel;
  void add(Response response, std::size_t bytes);

  std::uint64_t written_at_ = 0;  // the channel's count of sent bytes when this request is written
  std::deque<std::pair<Response, std::size_t>> responses_;
  std::size_t bytes_ = 0;  // of responses_
};

class ClientChannel : public std::enable_shared_from_this<ClientChannel> {
 public:
  ClientChannel(const boost::asio::any_io_executor& executor, Fd socket, ClientOptions options);

  /// Queues `request`, giving it an id if it has none, and sends what the socket takes.
  std::shared_ptr<PendingReply> start(Request request, Descriptors descriptors);
  /// Whether the request has been sent, or cannot be sent any more.
  [[nodiscard]] bool is_written(const PendingReply& pending) const;
  /// Before and after a coroutine waits on the timer of `pending`: reading goes on while somebody
  /// does.
  void park(PendingReply& pending);
  void unpark(PendingReply& pending);

 private:
  RequestId fresh_id();
  void flush();
  void wait_until_writable();
  void wait_until_readable();
  void on_readable();
  void deliver(Response response, std::size_t bytes);
  std::shared_ptr<PendingReply> recipient(const Response& response);
  void fail(const Error& error);
  [[nodiscard]] bool somebody_waits() const;

  boost::asio::any_io_executor executor_;
  boost::asio::local::stream_protocol::socket socket_;
  ClientOptions options_;
  ReplyReader reader_;
  std::map<RequestId, std::weak_ptr<PendingReply>> pending_;
  RequestId newest_;
  std::int64_t last_id_ = 0;
  Outbox unsent_;
  bool used_ = false;
  bool can_write_ = true;
  bool writing_ = false;
  bool reading_ = false;
  boost::asio::cancellation_signal stop_reading_;
  std::optional<Error> failure_;
};

}  // namespace uds::detail
