// The wrapper around every task, which works around Asio 1.81: after a cancellation each later
// co_await of the same coroutine throws, those in Asio's own entry function too, and there nothing
// catches.
#include "spawn.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <new>
#include <utility>

namespace asio = boost::asio;

namespace uds::detail {
namespace {

Task<void> guarded(Task<void> task) {
  std::exception_ptr failure;
  try {
    co_await std::move(task);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (failure) std::rethrow_exception(failure);
}

/// Calls a function once, at the latest when it is destroyed.
class Completion {
 public:
  using Done = std::function<void(std::exception_ptr)>;

  explicit Completion(Done done) : done_(std::move(done)) {}
  Completion(Completion&& other) noexcept : done_(std::exchange(other.done_, nullptr)) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  Completion& operator=(Completion&&) = delete;
  ~Completion() {
    if (done_) std::exchange(done_, nullptr)(std::make_exception_ptr(std::bad_alloc()));
  }
  void operator()(std::exception_ptr error) { std::exchange(done_, nullptr)(std::move(error)); }

 private:
  Done done_;
};

}  // namespace

void spawn(const asio::any_io_executor& executor, Task<void> task, asio::cancellation_slot slot,
           std::function<void(std::exception_ptr)> done) {
  asio::co_spawn(executor, guarded(std::move(task)),
                 asio::bind_cancellation_slot(slot, std::move(done)));
}

void spawn_supervised(const asio::any_io_executor& executor, Task<void> task,
                      asio::cancellation_slot slot, std::function<void(std::exception_ptr)> done) {
  Completion completion(std::move(done));
  try {
    asio::co_spawn(executor, guarded(std::move(task)),
                   asio::bind_cancellation_slot(slot, std::move(completion)));
  } catch (const std::bad_alloc&) {
    return;  // whoever holds the completion has told it
  }
}

}  // namespace uds::detail
