// The free functions of uds/asio.hpp. The coroutine client is in async_client.cpp.
//
// Nothing here owns anything beyond a call.
#include "uds/asio.hpp"

#include "spawn.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace asio = boost::asio;

namespace uds {

void spawn(const asio::any_io_executor& executor, Task<void> task,
           std::function<void(std::exception_ptr)> done) {
  detail::spawn(executor, std::move(task), asio::cancellation_slot(), std::move(done));
}

Task<void> sleep_for(std::chrono::milliseconds duration) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace uds
