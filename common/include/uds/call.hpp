// What a handler sees of one request: arguments, caller, and the way to send PROCESSING before it
// returns.
//
// The session owns the Call and keeps it alive until the handler has ended. A Call cannot send the
// final response: that is the handler's return value, so it is sent exactly once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "uds/descriptors.hpp"
#include "uds/fd.hpp"
#include "uds/message.hpp"
#include "uds/peer.hpp"
#include "uds/result.hpp"
#include "uds/task.hpp"

namespace uds {

namespace detail {
class CallHost;
}

/// Why a request is to end although its handler has not.
enum class Ending {
  None,          ///< it is not
  Cancelled,     ///< by the caller, or an administrator
  Deadline,      ///< its timeout ran out
  ShuttingDown,  ///< the server stops
  PeerGone,      ///< the caller has left
};

/// One request, as its handler sees it. Used only on the serving thread. It lives until the handler
/// has ended: a coroutine may keep the reference across its suspensions, nothing else may.
class Call {
 public:
  /// For the library; handlers get theirs. `host`, `request` and `peer` must outlive the call.
  /// `admin`: the caller is an administrator of this server. `descriptors` came with the request.
  Call(detail::CallHost& host, Request& request, const Peer& peer, bool admin,
       Descriptors&& descriptors = {});
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// The arguments; they fit the command's schema and absent ones have their defaults.
  [[nodiscard]] const Json& args() const noexcept;
  /// The same, moved out: for a handler that keeps them. args() is empty afterwards.
  [[nodiscard]] Json take_args();
  /// The request as it was read: command, id, timeout. For the arguments take args(), never null.
  [[nodiscard]] const Request& request() const noexcept { return request_; }
  /// The caller, as the kernel said when it connected.
  [[nodiscard]] const Peer& peer() const noexcept { return peer_; }
  /// Whether the caller is an administrator of this server (Router::is_admin()).
  [[nodiscard]] bool admin() const noexcept { return admin_; }
  /// The next descriptor that came with the request, in the caller's order and close-on-exec; empty
  /// when none is left. Those that nobody takes are closed when the request ends. Foreign: reading
  /// one may block or never end, and what it refers to may be any kind of file.
  [[nodiscard]] Fd take_fd() noexcept { return descriptors_.take(); }

  /// A duplicate of the caller's connection, close-on-exec, for a process that asks the kernel
  /// itself who calls; that process neither reads nor writes it. The caller sees the end of the
  /// connection only when every duplicate is closed. Errors: errno of dup(2).
  [[nodiscard]] Result<Fd> duplicate_connection();
  /// Why the handler was asked to unwind; the first reason counts. For one that catches that, to
  /// end in its own way: it answers with a response of its own, after
  /// `co_await boost::asio::this_coro::reset_cancellation_state()`, without which every later
  /// co_await throws again.
  [[nodiscard]] Ending ending() const noexcept;

  /// Sends a PROCESSING: it is queued when this returns, and `partial` may go. Completes when the
  /// connection's queued output is below its high-water mark: at once for a reader that keeps up,
  /// later for a slow one. A request that is cancelled, timed out or whose caller is gone unwinds
  /// here by boost::system::system_error(operation_aborted); destructors run, and nobody needs to
  /// catch it. A handler that goes on nevertheless sends nothing more but its final response.
  /// Wrong: co_await call.processing(Response::processing("x", Json{{"a", 1}})). Right: build the
  /// response first, then co_await call.processing(partial) (GCC 12 cannot keep braces in a
  /// co_await statement).
  [[nodiscard]] Task<void> processing(const Response& partial);
  /// The same with a text for people and nothing else.
  [[nodiscard]] Task<void> processing(std::string message);
  /// Sends a PROCESSING with progress; completes as processing() does. No `total` means it is not
  /// known.
  [[nodiscard]] Task<void> progress(std::int64_t current, std::optional<std::int64_t> total,
                                    std::string unit);

  /// Asks that the request `id` of the same connection be cancelled, as the command `cancel` does.
  /// It unwinds where it waits and gets its own final response. False if it is not in flight.
  bool cancel(const RequestId& id);

 private:
  detail::CallHost& host_;
  Request& request_;
  const Peer& peer_;
  bool admin_;
  Descriptors descriptors_;
};

}  // namespace uds
