// What a client that puts load on a server has measured, and the line of JSON that says so.
//
// scripts/bench.sh reads that line, from uds-bench and from the clients of the peers alike.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace uds_bench {

using Clock = std::chrono::steady_clock;

/// How long each request took. The first eight million are kept.
class Latencies {
 public:
  void add(Clock::duration took);
  /// What `share` (0 ... 1) of the requests do not exceed; 0 if there are none.
  [[nodiscard]] double microseconds_at(double share);

 private:
  std::vector<std::uint32_t> nanoseconds_;
};

struct Result {
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;  ///< of the answers
  Latencies latencies;
};

/// The time that a load takes, and the CPU time of the servers in it.
class Stopwatch {
 public:
  /// No request is to begin later than `seconds` after the start.
  Stopwatch(std::vector<pid_t> servers, double seconds);
  /// When all is ready.
  void start();
  [[nodiscard]] bool over() const { return Clock::now() >= end_; }
  /// Prints `result` and what went by since the start.
  void report(Result& result) const;

 private:
  [[nodiscard]] std::chrono::nanoseconds cpu_time() const;

  std::vector<pid_t> servers_;
  std::chrono::duration<double> length_;
  std::chrono::nanoseconds cpu_before_{0};
  Clock::time_point begin_;
  Clock::time_point end_;
};

}  // namespace uds_bench
