// Body of bench_result.hpp.
#include "bench_result.hpp"

#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_getcpuclockid is POSIX

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

namespace uds_bench {
namespace {

constexpr std::size_t kMostLatencies = 8'000'000;

}  // namespace

void Latencies::add(Clock::duration took) {
  if (nanoseconds_.size() == kMostLatencies) return;
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  const std::int64_t count = std::chrono::nanoseconds(took).count();
  nanoseconds_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, kMost)));
}

double Latencies::microseconds_at(double share) {
  if (nanoseconds_.empty()) return 0;
  const auto rank =
      static_cast<std::ptrdiff_t>(share * static_cast<double>(nanoseconds_.size() - 1));
  const auto at = nanoseconds_.begin() + rank;
  std::ranges::nth_element(nanoseconds_, at);
  return *at / 1000.0;
}

Stopwatch::Stopwatch(std::vector<pid_t> servers, double seconds)
    : servers_(std::move(servers)), length_(seconds) {}

void Stopwatch::start() {
  cpu_before_ = cpu_time();
  begin_ = Clock::now();
  end_ = begin_ + std::chrono::duration_cast<Clock::duration>(length_);
}

std::chrono::nanoseconds Stopwatch::cpu_time() const {
  std::chrono::nanoseconds total{0};
  for (const pid_t server : servers_) {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(server, &clock) == 0 && ::clock_gettime(clock, &used) == 0)
      total += std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  }
  return total;
}

void Stopwatch::report(Result& result) const {
  const std::chrono::duration<double> took = Clock::now() - begin_;
  const std::chrono::duration<double, std::micro> cpu = cpu_time() - cpu_before_;
  const auto requests = static_cast<double>(result.requests);
  std::printf(
      "{\"requests\":%llu,\"seconds\":%.6f,\"rate\":%.1f,\"bytes\":%llu,\"p50_us\":%.2f,"
      "\"p99_us\":%.2f,\"p999_us\":%.2f,\"server_cpu_us\":%.3f}\n",
      static_cast<unsigned long long>(result.requests), took.count(), requests / took.count(),
      static_cast<unsigned long long>(result.bytes), result.latencies.microseconds_at(0.50),
      result.latencies.microseconds_at(0.99), result.latencies.microseconds_at(0.999),
      requests > 0 ? cpu.count() / requests : 0.0);
}

}  // namespace uds_bench
