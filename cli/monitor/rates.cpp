// Body of rates.hpp.
#include "monitor/rates.hpp"

#include <algorithm>
#include <cmath>

namespace udsctl {
namespace {

std::uint64_t moved(std::uint64_t before, std::uint64_t now) {
  return now > before ? now - before : 0;
}

bool same_layout(const Latencies& a, const Latencies& b) {
  return std::ranges::equal(a.buckets, b.buckets, {}, &Latencies::Bucket::up_to_us,
                            &Latencies::Bucket::up_to_us);
}

}  // namespace

std::uint64_t requests_of(const Totals& totals) {
  std::uint64_t sum = 0;
  for (const auto& [command, counters] : totals.requests)
    for (const auto& [code, count] : counters) sum += count;
  return sum;
}

std::uint64_t errors_of(const Totals& totals) {
  std::uint64_t sum = 0;
  for (const auto& [command, counters] : totals.requests)
    for (const auto& [code, count] : counters)
      if (code != "ok") sum += count;
  return sum;
}

Latencies since(const Latencies& before, const Latencies& now) {
  if (!same_layout(before, now)) return now;
  Latencies between;
  between.count = moved(before.count, now.count);
  between.sum_us = moved(before.sum_us, now.sum_us);
  for (std::size_t index = 0; index < now.buckets.size(); ++index)
    between.buckets.push_back({now.buckets[index].up_to_us,
                               moved(before.buckets[index].count, now.buckets[index].count)});
  return between;
}

double rate(std::uint64_t before, std::uint64_t now, std::chrono::steady_clock::duration span) {
  const double seconds = std::chrono::duration<double>(span).count();
  return seconds > 0 ? static_cast<double>(moved(before, now)) / seconds : 0;
}

std::optional<std::uint64_t> mean_us(const Latencies& latencies) {
  if (latencies.count == 0) return std::nullopt;
  return latencies.sum_us / latencies.count;
}

std::optional<Quantile> quantile(const Latencies& latencies, double share) {
  std::uint64_t total = 0;
  for (const auto& bucket : latencies.buckets) total += bucket.count;
  if (total == 0) return std::nullopt;
  const double wanted = std::max(1.0, std::ceil(share * static_cast<double>(total)));
  std::uint64_t seen = 0;
  Quantile found;
  for (const auto& bucket : latencies.buckets) {
    found.above = !bucket.up_to_us;
    found.us = bucket.up_to_us.value_or(found.us);
    seen += bucket.count;
    if (static_cast<double>(seen) >= wanted) break;
  }
  return found;
}

}  // namespace udsctl
