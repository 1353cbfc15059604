// The blocking client: one request, its responses, an end for every wait. No Boost, no threads, no
// signals.
//
// BlockingClient owns one connection. uds::call() is the whole conversation in one function. The
// coroutine client for programs that have an Asio event loop is in uds/asio.hpp.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "uds/descriptors.hpp"
#include "uds/limits.hpp"
#include "uds/message.hpp"
#include "uds/result.hpp"

namespace uds {

/// How to reach and trust a server. Values have safe defaults; setters return the object.
class ClientOptions {
 public:
  /// Time for connect, waiting for a full backlog to drain included. Default 5 s.
  ClientOptions& with_connect_timeout(std::chrono::milliseconds value) {
    connect_timeout = value;
    return *this;
  }
  /// Time for the whole call from send to final response. Default: none. It ends the waiting only;
  /// Request::with_timeout() makes the server give up, too.
  ClientOptions& with_call_timeout(std::chrono::milliseconds value) {
    call_timeout = value;
    return *this;
  }
  /// Also trust a server that runs as `uid`. Root and the caller's own uid are always trusted.
  ClientOptions& with_server_uid(uid_t uid) {
    server_uids.push_back(uid);
    return *this;
  }
  /// For the blocking client: BlockingClient::interrupt_on() from the start, so that connecting can
  /// be interrupted, too.
  ClientOptions& with_interrupt(int descriptor) {
    interrupt = descriptor;
    return *this;
  }
  /// Send without terminator and half-close, for servers that read to end of file; foreign ids are
  /// then tolerated.
  ClientOptions& with_half_close(bool value = true) {
    half_close = value;
    return *this;
  }

  std::chrono::milliseconds connect_timeout{5'000};       ///< see with_connect_timeout()
  std::optional<std::chrono::milliseconds> call_timeout;  ///< see with_call_timeout()
  std::vector<uid_t> server_uids;                         ///< see with_server_uid()
  bool half_close = false;                                ///< see with_half_close()
  int interrupt = -1;                                     ///< see with_interrupt()
  Limits limits;  ///< bounds what a server may send in one response, and how deep it nests
};

/// One connection for requests one after another. Move-only; not thread-safe. Every failure but
/// Interrupted ends the connection. Destroying it closes the connection, and the server cancels a
/// request that is still in flight there.
class BlockingClient {
 public:
  /// Connects and checks the server's uid before a byte is sent. Errors: BadPath, PathTooLong,
  /// NoDaemon, ConnectionRefused, ServerBusy (its backlog stayed full for the connect timeout),
  /// AccessDenied, UntrustedServer, Interrupted, or errno of the failing call named in the message.
  static Result<BlockingClient> connect(const std::string& path, ClientOptions options = {});

  ///@{
  /// One that was moved from can only be assigned to or destroyed.
  BlockingClient(BlockingClient&&) noexcept;
  BlockingClient& operator=(BlockingClient&&) noexcept;
  ///@}
  ~BlockingClient();

  /// A descriptor (a signalfd, a pipe) that ends waiting when it becomes readable: send() and
  /// next() then return Interrupted, unless an answer comes within the time that next() does not
  /// sleep. The request counts as sent, go on with next(), which also writes what is left of it.
  /// The descriptor is not read from and not owned; -1 means none.
  void interrupt_on(int descriptor);

  /// Sends `request`, giving it an id if it has none, and starts the call timeout. Returns the id.
  /// A server that closes early may still have answered: next() delivers what it sent before
  /// ConnectionLost is reported.
  /// `descriptors` ride with it, for a command that takes some; they are closed when it is sent.
  /// Errors: Interrupted, Deadline, ConnectionLost, or errno of the failing call.
  Result<RequestId> send(Request request, Descriptors descriptors = {});
  /// Sends text that is a request already: one line of JSON whose id, if it has one, is `id`.
  /// Errors: NotARequest (there is an LF or NUL in it), or as send().
  Result<void> send_text(std::string_view line, const RequestId& id);
  /// Asks the server to cancel the request sent last, which still gets its final response: go on
  /// with next(). A request without an id, and one that was half-closed after, is cancelled by
  /// closing the connection only. Errors: NotARequest for those, or as send().
  Result<void> cancel();

  /// The next response to the request sent last; responses to others are skipped. After the final
  /// one send again. Within the first 50 us after the request was sent it looks for an answer again
  /// and again, and sleeps only then. Errors: Deadline, Interrupted, ConnectionLost, BadReply, or
  /// errno of the failing call.
  Result<Response> next();
  /// The text of the response that next() gave last, with the fields this library does not know.
  /// Valid until the next call of any other function.
  [[nodiscard]] std::string_view last_text() const noexcept;

  // For several requests in flight at once, in a poll(2) loop of the caller's own: native_handle()
  // is polled for POLLIN, and for POLLOUT while has_unsent(); then poll() is called until it has
  // nothing more. None of these waits, and the call timeout does not count: deadlines are the
  // caller's. poll() is not to be mixed with a request of send() that has no final response yet;
  // what is posted beside one is sent by next(), too, which skips the answer to it.

  /// Takes text that is a request already, one line of JSON, and sends as much as the socket takes
  /// now; poll() sends the rest. Never waits. Errors: NotARequest for more than one line,
  /// ConnectionLost, or errno of the failing call.
  Result<void> post_text(std::string_view line);
  /// Whether something of what was posted is not sent yet.
  [[nodiscard]] bool has_unsent() const noexcept;
  /// The socket, to be polled and not to be read from; -1 once the connection has failed.
  [[nodiscard]] int native_handle() const noexcept;
  /// The next response to any request, if one has arrived. last_text() is its text. Errors:
  /// ConnectionLost, BadReply, or errno of the failing call.
  Result<std::optional<Response>> poll();

  /// Changes the call timeout, and starts it again for the request sent last. Nothing: no timeout.
  void set_call_timeout(std::optional<std::chrono::milliseconds> value);

 private:
  class Impl;
  explicit BlockingClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Connects, sends, calls `on_processing` for each PROCESSING, returns the final OK or ERROR, and
/// closes the connection. An ERROR response is a value: only failures to get one are errors, those
/// of BlockingClient::connect(), send() and next(). What `on_processing` throws passes through.
Result<Response> call(const std::string& path, Request request,
                      const std::function<void(const Response&)>& on_processing = {},
                      ClientOptions options = {});

}  // namespace uds
