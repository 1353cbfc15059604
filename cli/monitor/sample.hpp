// What a daemon told of itself at one moment: its counters and its connections. Plain values, read
// from answers of `hello`, `stats` and `connections`.
//
// The daemon is foreign: what is missing or odd in an answer reads as 0, empty or "not told", and
// no text is made harmless here.
#pragma once

#include "uds/json.hpp"
#include "uds/message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace udsctl {

using Counters = std::map<std::string, std::uint64_t>;

/// How long requests took.
struct Latencies {
  struct Bucket {
    std::optional<std::uint64_t> up_to_us;  // none: everything above the bucket before
    std::uint64_t count = 0;
  };
  std::uint64_t count = 0;
  std::uint64_t sum_us = 0;
  std::vector<Bucket> buckets;
};

/// Since the daemon's start.
struct Totals {
  std::map<std::string, Counters> requests;  // by command, then by "ok" or error code
  Latencies latencies;
  std::uint64_t accepted = 0;
  Counters refused;  // connections, by limit
  Counters dropped;  // connections, by reason
  std::uint64_t loop_lag_us = 0;
  std::uint64_t worst_loop_lag_us = 0;
};

/// What is held now.
struct Gauges {
  std::uint64_t connections = 0;
  std::uint64_t requests_in_flight = 0;
  std::uint64_t buffered_bytes = 0;
  std::uint64_t descriptors = 0;
};

struct RunningRequest {
  uds::RequestId id;
  std::string command;
  std::uint64_t age_ms = 0;
};

struct OpenConnection {
  std::uint64_t number = 0;
  std::optional<std::uint64_t> uid;
  std::optional<std::uint64_t> pid;
  std::uint64_t age_ms = 0;
  std::uint64_t requests_in_flight = 0;
  std::uint64_t queued_bytes = 0;
  std::vector<RunningRequest> requests;  // oldest first
};

struct Sample {
  std::chrono::steady_clock::time_point taken;
  std::optional<Totals> totals;  // administrators only
  Gauges now;
  std::vector<OpenConnection> connections;
};

/// Who serves, and who asks.
struct Identity {
  std::string program;
  std::string version;
  std::string instance;
  std::optional<std::chrono::system_clock::time_point> started;
  bool admin = false;  // the caller
};

/// From `data` of `stats`, and of `connections` where that was asked; null where not.
Sample read_sample(const uds::Json& stats, const uds::Json& connections,
                   std::chrono::steady_clock::time_point taken);
/// From `data` of `hello`.
Identity read_identity(const uds::Json& hello);

}  // namespace udsctl
