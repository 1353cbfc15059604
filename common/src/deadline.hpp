// Points in time to wait until, on the steady clock: a change of the wall clock moves none of them.
//
// Pure arithmetic that cannot overflow, whatever duration a caller asks for.
#pragma once

#include <algorithm>
#include <chrono>

namespace uds::detail {

/// Longer than any wait that is meant; far from the end of the clock.
inline constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24 * 365);

inline std::chrono::steady_clock::time_point deadline_after(std::chrono::milliseconds duration) {
  return std::chrono::steady_clock::now() + std::min(duration, kLongestWait);
}

/// The time until `deadline`, rounded up to whole milliseconds, so that waiting it out reaches the
/// deadline; never negative.
inline std::chrono::milliseconds remaining(std::chrono::steady_clock::time_point deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(0));
}

}  // namespace uds::detail
