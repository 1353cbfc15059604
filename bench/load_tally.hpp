// The sums of a run over all connections, and the first violations in words.
//
// A plain value: the ledgers add to it, the report reads it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace uds_load {

/// Requests without a final response on connections that the server closed.
struct Lost {
  std::uint64_t unread = 0;   ///< no sign that the server read it
  std::uint64_t read = 0;     ///< never answered, but a later request of the connection was
  std::uint64_t started = 0;  ///< it got PROCESSING
};

class Tally {
 public:
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;

  std::uint64_t requests = 0;
  std::uint64_t ok = 0;
  Counts errors;  ///< final ERROR responses, by code
  std::uint64_t processing = 0;
  Counts unattributed;               ///< responses with id null, by code
  Counts closed;                     ///< connections that the server closed, by reason
  std::map<std::string, Lost> lost;  ///< by the same reasons
  std::uint64_t open = 0;            ///< requests without a final when the run ended
  std::uint64_t cut = 0;             ///< connections that ended within a response

  void add_latency(std::chrono::nanoseconds took);
  /// The latency in microseconds that `share` (0 ... 1) of the requests do not exceed; 0 if none
  /// ended.
  [[nodiscard]] std::uint64_t latency_us(double share);

  void violation(std::string text);
  [[nodiscard]] std::uint64_t violations() const noexcept { return violations_; }
  /// The first of them.
  [[nodiscard]] const std::vector<std::string>& told() const noexcept { return told_; }
  /// Whether every request was answered as the protocol says.
  [[nodiscard]] bool clean() const noexcept { return violations_ == 0; }

 private:
  std::vector<std::uint32_t> latencies_us_;
  std::uint64_t violations_ = 0;
  std::vector<std::string> told_;
};

/// Counts one more under `key`.
void count(Tally::Counts& counts, std::string_view key);

}  // namespace uds_load
