// Figures that follow from samples: what came in between two, rates, means, quantiles. Pure.
//
// A counter that fell (another daemon answers now, or an odd one) counts as not having moved.
#pragma once

#include "monitor/sample.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace udsctl {

/// Requests in all, and those of them that ended with an error.
std::uint64_t requests_of(const Totals& totals);
std::uint64_t errors_of(const Totals& totals);

/// What came since `before`. Buckets of another layout than before count as all new.
Latencies since(const Latencies& before, const Latencies& now);

/// How much a second a counter moved from `before` to `now` within `span`.
double rate(std::uint64_t before, std::uint64_t now, std::chrono::steady_clock::duration span);

std::optional<std::uint64_t> mean_us(const Latencies& latencies);

/// What a histogram knows of a quantile: it is within one bucket.
struct Quantile {
  std::uint64_t us = 0;
  bool above = false;  // more than `us`, which is the last bound; else at most `us`
};
/// Of the share `share` (0 to 1) of requests; nothing where there were none.
std::optional<Quantile> quantile(const Latencies& latencies, double share);

}  // namespace udsctl
