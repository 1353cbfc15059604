// Body of start_log.hpp.
#include "runs/start_log.hpp"

#include <algorithm>
#include <cstdint>

namespace udsd {

std::optional<std::chrono::milliseconds> StartLog::wait(const Rate& rate, uid_t caller,
                                                        Clock::time_point now) {
  while (!starts_.empty() && starts_.front().at + rate.per <= now) starts_.pop_front();
  // The time of the start that must be forgotten first: as many back from the end as may be.
  std::optional<Clock::time_point> blocking;
  std::uint64_t total = 0;
  std::uint64_t of_caller = 0;
  for (auto start = starts_.rbegin(); start != starts_.rend(); ++start) {
    const bool is_total = ++total == rate.total;
    const bool is_of_caller = start->caller == caller && ++of_caller == rate.per_user;
    if ((is_total || is_of_caller) && (!blocking || *blocking < start->at)) blocking = start->at;
  }
  if (!blocking) return std::nullopt;
  return std::chrono::ceil<std::chrono::milliseconds>(*blocking + rate.per - now);
}

}  // namespace udsd
