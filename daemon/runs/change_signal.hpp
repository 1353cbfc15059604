// Wakes whoever waits for something to change: a count of changes, and coroutines parked until it
// moves.
//
// Nobody misses a change: a waiter says which count it has seen.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "uds/task.hpp"

namespace udsd {

class ChangeSignal {
 public:
  explicit ChangeSignal(const boost::asio::any_io_executor& executor);

  /// How many changes there were.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Something has changed: wakes all.
  void notify();
  /// Completes when count() is not `seen`. The signal must live until then. Cancellation: total;
  /// throws operation_aborted at this co_await or the next.
  uds::Task<void> wait(std::uint64_t seen);

 private:
  std::uint64_t count_ = 0;
  boost::asio::steady_timer parked_;
};

}  // namespace udsd
