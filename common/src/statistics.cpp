// Bodies of uds/statistics.hpp.
#include "uds/statistics.hpp"

#include <algorithm>
#include <new>

namespace uds {

void Histogram::add(Microseconds value) {
  const auto* const bound = std::ranges::lower_bound(kBoundsUs, value.count());
  ++counts_[static_cast<std::size_t>(bound - kBoundsUs.begin())];
  ++count_;
  sum_ += value;
}

void Statistics::add_request(std::string_view command, std::string_view code,
                             Histogram::Microseconds took) {
  ++requests_of(command, code);
  durations_.add(took);
}

std::uint64_t& Statistics::requests_of(std::string_view command, std::string_view code) {
  if (last_counter_ != nullptr && command == last_command_ && code == last_code_)
    return *last_counter_;
  auto known = requests_.find(command);
  if (known == requests_.end()) known = requests_.try_emplace(std::string(command)).first;
  std::uint64_t& counter = at(known->second, code);
  last_counter_ = nullptr;
  try {
    last_command_ = command;
    last_code_ = code;
    last_counter_ = &counter;
  } catch (const std::bad_alloc&) {
    return counter;  // there is no memory for the names: the next one is looked up again
  }
  return counter;
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
