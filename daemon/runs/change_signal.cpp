// Bodies of change_signal.hpp.
#include "runs/change_signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace udsd {

namespace asio = boost::asio;

ChangeSignal::ChangeSignal(const asio::any_io_executor& executor)
    : parked_(executor, asio::steady_timer::time_point::max()) {}

void ChangeSignal::notify() {
  ++count_;
  parked_.cancel();
}

uds::Task<void> ChangeSignal::wait(std::uint64_t seen) {
  while (count_ == seen) co_await parked_.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace udsd
