// The coroutine tier, on the embedding program's executor: tasks, sleeping, and the coroutine
// client.
//
// Needs Boost 1.81 or newer (CMake target uds::asio). Everything here runs on the executor it was
// started on, which one thread must run. Read docs/pitfalls.md before writing a coroutine: GCC 12
// miscompiles some co_await statements.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include "uds/client.hpp"
#include "uds/message.hpp"
#include "uds/result.hpp"
#include "uds/task.hpp"

namespace uds {

/// Completes after `duration`, on the executor of the coroutine. Cancellation: throws
/// boost::system::system_error(operation_aborted) at once.
Task<void> sleep_for(std::chrono::milliseconds duration);

/// Starts `task` on `executor`, which one thread must run. `done` is called there, once, with the
/// exception that escaped or null; not at all when the io_context is destroyed first, which
/// destroys the task, or where memory ends. What the task refers to must live until then. The one
/// safe way to spawn: asio::co_spawn alone terminates the process when a coroutine cancels itself
/// and returns (Asio 1.81), and asio::detached swallows exceptions.
void spawn(const boost::asio::any_io_executor& executor, Task<void> task,
           std::function<void(std::exception_ptr)> done);

namespace detail {
class ClientChannel;
class PendingReply;

/// Runs `work` on a thread of the pool; see blocking().
Task<void> run_blocking(std::function<void(std::stop_token)> work);
}  // namespace detail

/// Threads that run blocking work, for the whole process. They start with the first of it.
inline constexpr std::size_t kBlockingThreads = 4;

/// Runs `work(std::stop_token)`, a copyable function, on another thread, and completes on the loop
/// with what it returned or threw. The one way for a handler to do what blocks: reading a file, a
/// name service, a calculation. More than kBlockingThreads wait in a queue; what bounds the queue
/// is the limit of requests in flight. Cancellation: throws
/// boost::system::system_error(operation_aborted) at once. Work that has not begun never does; work
/// that runs is asked to stop by its token, and its result is dropped. So `work` must own what it
/// uses: it may outlive the handler, and must not touch the Call. It must end: the exit of the
/// process waits for it. Wrong: co_await uds::blocking([path] { … }). Right: name the function
/// first (docs/pitfalls.md):
///     auto read = [path](std::stop_token) { return read_file(path); };
///     std::string text = co_await uds::blocking(std::move(read));
template <class F>
Task<std::invoke_result_t<F&, std::stop_token>> blocking(F work) {
  using Value = std::invoke_result_t<F&, std::stop_token>;
  if constexpr (std::is_void_v<Value>) {
    std::function<void(std::stop_token)> job = std::move(work);
    co_await detail::run_blocking(std::move(job));
  } else {
    const auto value = std::make_shared<std::optional<Value>>();
    std::function<void(std::stop_token)> job =
        [value, own = std::move(work)](std::stop_token stop) mutable {
          value->emplace(own(std::move(stop)));
        };
    co_await detail::run_blocking(std::move(job));
    co_return std::move(**value);
  }
}

/// The responses to one request, in order. Move-only; keeps the connection alive. Read it to its
/// end or drop it: what arrives for a dropped one is discarded while its request goes on, and one
/// that is kept but not read while others are fails after 8 MiB (std::errc::no_buffer_space).
class Replies {
 public:
  ///@{
  /// One that was moved from can only be assigned to or destroyed.
  Replies(Replies&&) noexcept;
  Replies& operator=(Replies&&) noexcept;
  ///@}
  ~Replies();

  /// Completes with PROCESSING … and then exactly one OK or ERROR; after that, or on a failure,
  /// with nothing:
  ///     while (auto reply = co_await replies.next()) show(*reply);
  ///     if (replies.failure()) …
  /// Cancellation: total; throws boost::system::system_error(operation_aborted). The connection
  /// stays usable and the request stays in flight. One next() at a time; the object stays where it
  /// is meanwhile.
  Task<std::optional<Response>> next();
  /// Why next() had nothing before a final response. Empty after a final one. Errors: Deadline (the
  /// call timeout ran out; the request goes on at the server, unless Request::with_timeout() ends
  /// it there, too), ConnectionLost, BadReply, std::errc::invalid_argument (a request with this id
  /// is in flight already), std::errc::no_buffer_space, or errno of the socket.
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }
  /// The id that the request was sent with.
  [[nodiscard]] const RequestId& id() const noexcept;

 private:
  friend class Client;
  Replies(std::shared_ptr<detail::ClientChannel> channel,
          std::shared_ptr<detail::PendingReply> pending);

  std::shared_ptr<detail::ClientChannel> channel_;
  std::shared_ptr<detail::PendingReply> pending_;
  std::optional<Error> failure_;
  bool ended_ = false;
};

/// One connection to a server; any number of requests may be in flight. Copies share it. Used only
/// on the executor that connect() was awaited on. The connection ends with the last copy and the
/// last Replies; the server then cancels what is in flight on it.
class Client {
 public:
  /// Connects to `path` and checks the server's uid before a byte is sent. Errors as
  /// BlockingClient::connect(). Cancellation: terminal; throws
  /// boost::system::system_error(operation_aborted), and no connection is left.
  static Task<Result<Client>> connect(std::string path, ClientOptions options);
  /// The same, with `timeout` as the connect timeout and no other option.
  static Task<Result<Client>> connect(std::string path, std::chrono::milliseconds timeout);

  /// Writes `request`, giving it an id if it has none, and completes when it is written. A failure
  /// to write is reported by the replies, after what the server had still answered. Cancellation:
  /// terminal; the request is sent nevertheless, and its responses are discarded.
  Task<Replies> send(Request request);
  /// The same with descriptors, for a command that takes some; they are closed when it is sent.
  Task<Replies> send(Request request, Descriptors descriptors);

 private:
  explicit Client(std::shared_ptr<detail::ClientChannel> channel);

  std::shared_ptr<detail::ClientChannel> channel_;
};

}  // namespace uds
