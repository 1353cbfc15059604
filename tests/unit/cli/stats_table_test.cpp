// What udsctl stats lays out: gauges, counters with errors by code, latencies, rates.
#include "monitor/stats_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using udsctl::Sample;
using udsctl::stats_table;

Sample sample(std::chrono::seconds at, std::uint64_t pings) {
  Sample out;
  out.taken += at;
  out.now = {12, 3, 1'536, 1};
  out.totals.emplace();
  out.totals->requests["ping"] = {{"ok", pings}};
  out.totals->requests["count\x1b"] = {{"ok", 1}, {"cancelled", 2}, {"busy\x07", pings}};
  out.totals->latencies = {pings, 30 * pings, {{50, pings}, {std::nullopt, 0}}};
  out.totals->accepted = pings;
  out.totals->refused = {{"connections", pings}};
  out.totals->loop_lag_us = 35;
  out.totals->worst_loop_lag_us = 1'200;
  return out;
}

TEST(StatsTable, ShowsGaugesCountersAndLatencies) {
  const std::vector<std::string> expected{
      "connections 12",
      "in flight   3",
      "buffered    1.5 KiB",
      "descriptors 1",
      "accepted    10",
      "refused     connections 10",
      "dropped     0",
      "loop lag    35 us, at worst 1.2 ms",
      "",
      "LATENCY      REQUESTS     MEAN             P50             P90             P99",
      "in all             10    30 us   at most 50 us   at most 50 us   at most 50 us",
      "",
      "COMMAND           OK           ERRORS",
      "count\\u001b        1           busy\\u0007 10, cancelled 2",
      "ping              10",
  };
  EXPECT_EQ(stats_table(sample(0s, 10), nullptr), expected);
}

TEST(StatsTable, ShowsRatesBesideCounters) {
  const Sample before = sample(0s, 10);
  const auto lines = stats_table(sample(2s, 15), &before);
  const std::vector<std::string> expected{
      "accepted    15 (2.5/s)",
      "refused     connections 15 (2.5/s)",
      "lately              5    30 us   at most 50 us   at most 50 us   at most 50 us",
      "COMMAND           OK     OK/s  ERRORS",
      "count\\u001b        1    0.0/s  busy\\u0007 15 (2.5/s), cancelled 2 (0.0/s)",
      "ping              15    2.5/s",
  };
  for (const std::string& line : expected)
    EXPECT_NE(std::ranges::find(lines, line), lines.end()) << line;
}

TEST(StatsTable, ShowsOthersWhatTheyHold) {
  Sample own = sample(0s, 1);
  own.totals.reset();
  EXPECT_EQ(stats_table(own, &own).size(), 4U);
  const Sample whole = sample(1s, 1);
  EXPECT_EQ(stats_table(whole, &own), stats_table(whole, nullptr)) << "no totals before, no rates";
}

TEST(StatsTable, IsDrawnOverTheLastOneWithinTheTerminal) {
  EXPECT_EQ(udsctl::redraw({"one", "two"}, 24, 80), "\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[J");
  EXPECT_EQ(udsctl::redraw({"one", "long", "three"}, 3, 3), "\x1b[Hone\x1b[K\nlo…\x1b[K\n\x1b[J");
  EXPECT_EQ(udsctl::redraw({"one"}, 0, 1), "\x1b[H\x1b[J");
}

}  // namespace
