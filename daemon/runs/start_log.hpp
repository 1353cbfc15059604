// When the runs of one command were started, as far back as its declared rate looks: whether one
// more may be started now, or when. Pure: it is told the time.
//
// Forgets what is older than the period. A new udsd begins with nothing.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <optional>

#include "declared/declaration.hpp"

namespace udsd {

class StartLog {
 public:
  using Clock = std::chrono::steady_clock;

  /// Nothing where `caller` may start one more at `now`; else how long it has to wait for that.
  [[nodiscard]] std::optional<std::chrono::milliseconds> wait(const Rate& rate, uid_t caller,
                                                              Clock::time_point now);
  /// One more was started.
  void add(uid_t caller, Clock::time_point now) { starts_.push_back({now, caller}); }

 private:
  struct Start {
    Clock::time_point at;
    uid_t caller;
  };

  std::deque<Start> starts_;  // the oldest first
};

}  // namespace udsd
