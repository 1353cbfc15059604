// Counters and the latency histogram.
#include "uds/statistics.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(Histogram, BoundsBelongToTheirBucket) {
  uds::Histogram histogram;
  for (const auto value : {0us, 50us, 51us, 60'000'000us, 60'000'001us}) histogram.add(value);
  EXPECT_EQ(histogram.counts().front(), 2U);
  EXPECT_EQ(histogram.counts()[1], 1U);
  EXPECT_EQ(histogram.counts()[histogram.counts().size() - 2], 1U);
  EXPECT_EQ(histogram.counts().back(), 1U);
  EXPECT_EQ(histogram.count(), 5U);
  EXPECT_EQ(histogram.sum(), 120'000'102us);
}

TEST(Statistics, CountsByCommandAndCode) {
  uds::Statistics statistics;
  statistics.add_request("ping", "ok", 10us);
  statistics.add_request("ping", "ok", 10us);
  statistics.add_request("ping", "busy", 0us);
  statistics.add_request("(unknown)", "unknown_command", 0us);
  EXPECT_EQ(statistics.requests().at("ping").at("ok"), 2U);
  EXPECT_EQ(statistics.requests().at("ping").at("busy"), 1U);
  EXPECT_EQ(statistics.requests().at("(unknown)").at("unknown_command"), 1U);
  EXPECT_EQ(statistics.durations().count(), 4U);
}

TEST(Statistics, KeepsTheWorstLag) {
  uds::Statistics statistics;
  statistics.note_loop_lag(5ms);
  statistics.note_loop_lag(1ms);
  EXPECT_EQ(statistics.loop_lag(), 1ms);
  EXPECT_EQ(statistics.worst_loop_lag(), 5ms);
}

}  // namespace
