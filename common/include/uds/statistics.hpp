// What a server has done since it started: counters and a latency histogram. Pure; no clock, no
// socket.
//
// The server counts, whoever asks reads. Names of commands and codes come from fixed sets, never
// from a peer, so the maps stay small.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace uds {

/// How long requests took, in buckets with fixed upper bounds.
class Histogram {
 public:
  /// The unit of everything here.
  using Microseconds = std::chrono::microseconds;
  /// The upper bounds of the buckets, inclusive.
  static constexpr std::array<std::int64_t, 12> kBoundsUs{
      50, 100, 250, 500, 1'000, 2'500, 10'000, 50'000, 250'000, 1'000'000, 10'000'000, 60'000'000};

  /// Counts one value, or `times` equal ones.
  void add(Microseconds value, std::uint64_t times = 1);
  /// Values up to and including the bound of the same index; not cumulative. The last counts the
  /// rest.
  [[nodiscard]] const std::array<std::uint64_t, kBoundsUs.size() + 1>& counts() const noexcept {
    return counts_;
  }
  /// How many values were added.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// All of them together.
  [[nodiscard]] Microseconds sum() const noexcept { return sum_; }

 private:
  std::array<std::uint64_t, kBoundsUs.size() + 1> counts_{};
  std::uint64_t count_ = 0;
  Microseconds sum_{0};
};

/// The counters of one server. They only grow, but for the loop lag. Used only on the serving
/// thread.
class Statistics {
 public:
  /// A number for each name.
  using Counters = std::map<std::string, std::uint64_t, std::less<>>;

  Statistics() = default;
  Statistics(const Statistics&) = delete;
  Statistics& operator=(const Statistics&) = delete;
  ~Statistics() = default;

  /// A request got its final response. `command`: its name, or one in parentheses where there is no
  /// such command. `code`: the error code, or "ok". `times`: so many requests did, and each is
  /// counted with that time.
  void add_request(std::string_view command, std::string_view code, Histogram::Microseconds took,
                   std::uint64_t times = 1);
  /// A connection was accepted.
  void add_connection() { ++accepted_; }
  /// A connection was refused because `limit` is reached.
  void add_refused(std::string_view limit) { ++at(refused_, limit); }
  /// The server ended a connection for `reason`.
  void add_dropped(std::string_view reason) { ++at(dropped_, reason); }
  /// How late the event loop was.
  void note_loop_lag(Histogram::Microseconds lag);

  /// By command, then by code: requests that got their final response.
  [[nodiscard]] const std::map<std::string, Counters, std::less<>>& requests() const noexcept {
    return requests_;
  }
  /// How long they took. Requests for one command that came together took as long as all of them.
  [[nodiscard]] const Histogram& durations() const noexcept { return durations_; }
  /// How many connections were accepted.
  [[nodiscard]] std::uint64_t accepted() const noexcept { return accepted_; }
  /// Connections that were refused, by limit.
  [[nodiscard]] const Counters& refused() const noexcept { return refused_; }
  /// Connections that the server ended, by reason.
  [[nodiscard]] const Counters& dropped() const noexcept { return dropped_; }
  /// How late the event loop was when it was last measured, once a second while there are
  /// connections.
  [[nodiscard]] Histogram::Microseconds loop_lag() const noexcept { return lag_; }
  /// How late it ever was.
  [[nodiscard]] Histogram::Microseconds worst_loop_lag() const noexcept { return worst_lag_; }

 private:
  static std::uint64_t& at(Counters& counters, std::string_view name);
  std::uint64_t& requests_of(std::string_view command, std::string_view code);
  Counters& counters_of(std::string_view command);

  std::map<std::string, Counters, std::less<>> requests_;
  // Where the last "ok" was counted; mostly the next one is of the same command.
  std::string last_command_;
  std::uint64_t* last_ok_ = nullptr;
  Histogram durations_;
  std::uint64_t accepted_ = 0;
  Counters refused_;
  Counters dropped_;
  Histogram::Microseconds lag_{0};
  Histogram::Microseconds worst_lag_{0};
};

/// What one user, or all together, hold of a server now.
struct Usage {
  std::size_t connections = 0;         ///< that are open
  std::size_t requests_in_flight = 0;  ///< coroutine handlers that have not ended
  std::size_t buffered_bytes = 0;      ///< input not yet handled and output not yet taken
  std::size_t descriptors = 0;         ///< passed with requests that have not ended yet
};

}  // namespace uds
