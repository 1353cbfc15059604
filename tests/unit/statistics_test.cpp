// Counters and the latency histogram.
#include "uds/statistics.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(Histogram, BoundsBelongToTheirBucket) {
  uds::Histogram histogram;
  for (const auto value : {0us, 50us, 51us, 60'000'000us, 60'000'001us}) histogram.add(value);
  histogram.add(60us, 0);
  EXPECT_EQ(histogram.counts().front(), 2U);
  EXPECT_EQ(histogram.counts()[1], 1U);
  EXPECT_EQ(histogram.counts()[histogram.counts().size() - 2], 1U);
  EXPECT_EQ(histogram.counts().back(), 1U);
  EXPECT_EQ(histogram.count(), 5U);
  EXPECT_EQ(histogram.sum(), 120'000'102us);
}

TEST(Histogram, CountsEqualValuesTogether) {
  uds::Histogram histogram;
  histogram.add(20us, 3);
  histogram.add(200us, 2);
  EXPECT_EQ(histogram.counts().front(), 3U);
  EXPECT_EQ(histogram.counts()[2], 2U);
  EXPECT_EQ(histogram.count(), 5U);
  EXPECT_EQ(histogram.sum(), 460us);
}

TEST(Statistics, CountsByCommandAndCode) {
  uds::Statistics statistics;
  statistics.add_request("ping", "ok", 10us);
  statistics.add_request("ping", "ok", 10us, 3);
  statistics.add_request("ping", "busy", 0us);
  statistics.add_request("(unknown)", "unknown_command", 0us);
  EXPECT_EQ(statistics.requests().at("ping").at("ok"), 4U);
  EXPECT_EQ(statistics.requests().at("ping").at("busy"), 1U);
  EXPECT_EQ(statistics.requests().at("(unknown)").at("unknown_command"), 1U);
  EXPECT_EQ(statistics.durations().count(), 6U);
}

TEST(Statistics, KeepsTheWorstLag) {
  uds::Statistics statistics;
  statistics.note_loop_lag(5ms);
  statistics.note_loop_lag(1ms);
  EXPECT_EQ(statistics.loop_lag(), 1ms);
  EXPECT_EQ(statistics.worst_loop_lag(), 5ms);
}

}  // namespace
