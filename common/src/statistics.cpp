// Bodies of uds/statistics.hpp.
#include "uds/statistics.hpp"

#include <algorithm>

namespace uds {

void Histogram::add(Microseconds value) {
  const auto* const bound = std::ranges::lower_bound(kBoundsUs, value.count());
  ++counts_[static_cast<std::size_t>(bound - kBoundsUs.begin())];
  ++count_;
  sum_ += value;
}

void Statistics::add_request(std::string_view command, std::string_view code,
                             Histogram::Microseconds took) {
  auto known = requests_.find(command);
  if (known == requests_.end()) known = requests_.try_emplace(std::string(command)).first;
  ++at(known->second, code);
  durations_.add(took);
}

void Statistics::note_loop_lag(Histogram::Microseconds lag) {
  lag_ = lag;
  worst_lag_ = std::max(worst_lag_, lag);
}

std::uint64_t& Statistics::at(Counters& counters, std::string_view name) {
  const auto known = counters.find(name);
  return known != counters.end() ? known->second : counters[std::string(name)];
}

}  // namespace uds
