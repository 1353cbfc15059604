// The wrapper around every task, which works around Asio 1.81: after a cancellation each later
// co_await of the same coroutine throws, those in Asio's own entry function too, and there nothing
// catches.
#include "spawn.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

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

}  // namespace

void spawn(const asio::any_io_executor& executor, Task<void> task, asio::cancellation_slot slot,
           std::function<void(std::exception_ptr)> done) {
  asio::co_spawn(executor, guarded(std::move(task)),
                 asio::bind_cancellation_slot(slot, std::move(done)));
}

}  // namespace uds::detail
