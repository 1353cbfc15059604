// Bodies of uds/statistics.hpp.
#include "uds/statistics.hpp"

#include <algorithm>
#include <new>

namespace uds {

[[gnu::hot]] void Histogram::add(Microseconds value, std::uint64_t times) {
  // Most are as quick as that.
  if (value.count() <= kBoundsUs.front()) {
    counts_.front() += times;
  } else {
    const auto* const bound = std::ranges::lower_bound(kBoundsUs, value.count());
    counts_[static_cast<std::size_t>(bound - kBoundsUs.begin())] += times;
  }
  count_ += times;
  sum_ += value * times;
}

[[gnu::hot]] void Statistics::add_request(std::string_view command, std::string_view code,
                                          Histogram::Microseconds took, std::uint64_t times) {
  requests_of(command, code) += times;
  durations_.add(took, times);
}

[[gnu::hot]] std::uint64_t& Statistics::requests_of(std::string_view command,
                                                    std::string_view code) {
  if (code != "ok") return at(counters_of(command), code);
  if (last_ok_ != nullptr && command == last_command_) return *last_ok_;
  std::uint64_t& counter = at(counters_of(command), code);
  last_ok_ = nullptr;
  try {
    last_command_ = command;
    last_ok_ = &counter;
  } catch (const std::bad_alloc&) {
    return counter;  // there is no memory for the name: the next one is looked up again
  }
  return counter;
}

Statistics::Counters& Statistics::counters_of(std::string_view command) {
  const auto known = requests_.find(command);
  return known != requests_.end() ? known->second
                                  : requests_.try_emplace(std::string(command)).first->second;
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
