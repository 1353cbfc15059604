// Body of load_tally.hpp.
#include "load_tally.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace uds_load {
namespace {

constexpr std::size_t kToldViolations = 20;

}  // namespace

void Tally::add_latency(std::chrono::nanoseconds took) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  latencies_us_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, kMost)));
}

std::uint64_t Tally::latency_us(double share) {
  if (latencies_us_.empty()) return 0;
  const auto count = static_cast<double>(latencies_us_.size());
  const double rank = std::clamp(std::ceil(share * count), 1.0, count) - 1;
  const auto place = latencies_us_.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(latencies_us_.begin(), place, latencies_us_.end());
  return *place;
}

void Tally::violation(std::string text) {
  if (++violations_ <= kToldViolations) told_.push_back(std::move(text));
}

void count(Tally::Counts& counts, std::string_view key) {
  const auto found = counts.find(key);
  if (found == counts.end())
    counts.emplace(key, 1);
  else
    ++found->second;
}

}  // namespace uds_load
