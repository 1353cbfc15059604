// Samples read from answers of a foreign daemon, and what follows from two of them.
#include "monitor/sample.hpp"

#include "monitor/figures.hpp"
#include "monitor/rates.hpp"

#include "layout.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using uds::Json;
using uds::RequestId;
using udsctl::Latencies;
using udsctl::read_identity;
using udsctl::read_sample;
using udsctl::Sample;

Json json(std::string_view text) {
  auto parsed = uds::parse_json(text);
  if (!parsed) throw std::invalid_argument("a test's JSON is wrong");
  return *std::move(parsed);
}

Sample sample_of(std::string_view stats, std::string_view connections = "null") {
  return read_sample(json(stats), json(connections), {});
}

TEST(Sample, ReadsWhatStatsTells) {
  const Sample sample = sample_of(
      R"({"connections_accepted":9,"connections_dropped":{"stalled_reader":1},
          "connections_refused":{"connections":2},"loop_lag_us":35,"worst_loop_lag_us":70,
          "durations":{"count":3,"sum_us":90,"buckets":[{"up_to_us":50,"count":2},
                                                        {"up_to_us":null,"count":1}]},
          "requests":{"ping":{"ok":2,"busy":1},"echo":{"ok":4}},
          "now":{"connections":5,"requests_in_flight":6,"buffered_bytes":7,"descriptors":8}})");
  ASSERT_TRUE(sample.totals);
  EXPECT_EQ(sample.totals->accepted, 9U);
  EXPECT_EQ(sample.totals->dropped.at("stalled_reader"), 1U);
  EXPECT_EQ(sample.totals->refused.at("connections"), 2U);
  EXPECT_EQ(sample.totals->loop_lag_us, 35U);
  EXPECT_EQ(sample.totals->worst_loop_lag_us, 70U);
  EXPECT_EQ(sample.totals->latencies.count, 3U);
  EXPECT_EQ(udsctl::mean_us(sample.totals->latencies), 30U);
  ASSERT_EQ(sample.totals->latencies.buckets.size(), 2U);
  EXPECT_FALSE(sample.totals->latencies.buckets[1].up_to_us);
  EXPECT_EQ(udsctl::requests_of(*sample.totals), 7U);
  EXPECT_EQ(udsctl::errors_of(*sample.totals), 1U);
  EXPECT_EQ(sample.now.connections, 5U);
  EXPECT_EQ(sample.now.requests_in_flight, 6U);
  EXPECT_EQ(sample.now.buffered_bytes, 7U);
  EXPECT_EQ(sample.now.descriptors, 8U);
}

TEST(Sample, ReadsConnectionsWithTheirRequests) {
  const Sample sample = sample_of("{}", R"({"connections":[
      {"connection":3,"uid":0,"pid":42,"age_ms":1500,"requests_in_flight":2,"queued_bytes":9,
       "requests":[{"id":"a","command":"countdown","age_ms":7},{"id":null,"command":"x.y"}]}]})");
  ASSERT_EQ(sample.connections.size(), 1U);
  const auto& connection = sample.connections[0];
  EXPECT_EQ(connection.number, 3U);
  EXPECT_EQ(connection.uid, 0U);
  EXPECT_EQ(connection.pid, 42U);
  EXPECT_EQ(connection.age_ms, 1500U);
  EXPECT_EQ(connection.requests_in_flight, 2U);
  EXPECT_EQ(connection.queued_bytes, 9U);
  ASSERT_EQ(connection.requests.size(), 2U);
  EXPECT_EQ(connection.requests[0].id, RequestId(std::string("a")));
  EXPECT_EQ(connection.requests[0].command, "countdown");
  EXPECT_EQ(connection.requests[0].age_ms, 7U);
  EXPECT_FALSE(connection.requests[1].id.present());
}

TEST(Sample, OthersThanAdministratorsGetNoTotals) {
  const Sample sample = sample_of(R"({"now":{"connections":1}})");
  EXPECT_FALSE(sample.totals);
  EXPECT_EQ(sample.now.connections, 1U);
}

TEST(Sample, ToleratesWhatIsMissingOrOdd) {
  for (const char* text : {"null", "[]", "7", "{}", R"({"now":[],"requests":7})"}) {
    const Sample sample = sample_of(text, text);
    EXPECT_FALSE(sample.totals) << text;
    EXPECT_EQ(sample.now.connections, 0U) << text;
    EXPECT_TRUE(sample.connections.empty()) << text;
  }
  const Sample sample = sample_of(
      R"({"requests":{"ping":7,"echo":{"ok":"many"}},"durations":{"buckets":[7,{}],"count":-1},
          "connections_accepted":1.5,"loop_lag_us":null})",
      R"({"connections":[null,7,{"uid":-1,"pid":"1","requests":[[],{"id":[],"command":{}}]}]})");
  ASSERT_TRUE(sample.totals);
  EXPECT_EQ(udsctl::requests_of(*sample.totals), 0U);
  EXPECT_EQ(sample.totals->latencies.count, 0U);
  EXPECT_EQ(sample.totals->accepted, 0U);
  ASSERT_EQ(sample.connections.size(), 3U);
  EXPECT_FALSE(sample.connections[2].uid);
  EXPECT_FALSE(sample.connections[2].pid);
  ASSERT_EQ(sample.connections[2].requests.size(), 2U);
  EXPECT_FALSE(sample.connections[2].requests[1].id.present());
}

TEST(Identity, ReadsHello) {
  const auto who = read_identity(json(
      R"({"program":"udsd","version":"1.2.3","instance":"abc","started":"1970-01-02T00:00:01Z",
          "caller":{"admin":true}})"));
  EXPECT_EQ(who.program, "udsd");
  EXPECT_EQ(who.version, "1.2.3");
  EXPECT_EQ(who.instance, "abc");
  EXPECT_EQ(who.started, std::chrono::system_clock::time_point(24h + 1s));
  EXPECT_TRUE(who.admin);
  for (const char* odd : {"yesterday", "1970-01-02T00:00:01", "1970-13-02T00:00:01Z",
                          "197x-01-02T00:00:01Z", "1970-01-02 00:00:01Z"}) {
    Json hello;
    hello["started"] = odd;
    EXPECT_FALSE(read_identity(hello).started) << odd;
  }
  EXPECT_FALSE(read_identity(json("[]")).admin);
}

Latencies latencies(std::initializer_list<std::uint64_t> counts) {
  Latencies out;
  std::uint64_t bound = 10;
  for (const std::uint64_t count : counts) {
    out.buckets.push_back({bound, count});
    out.count += count;
    bound *= 10;
  }
  out.buckets.back().up_to_us.reset();
  return out;
}

TEST(Rates, AreWhatCameBetweenTwoSamples) {
  EXPECT_DOUBLE_EQ(udsctl::rate(10, 30, 2s), 10.0);
  EXPECT_DOUBLE_EQ(udsctl::rate(10, 11, 500ms), 2.0);
  EXPECT_DOUBLE_EQ(udsctl::rate(30, 10, 2s), 0.0) << "another daemon, which counts from 0";
  EXPECT_DOUBLE_EQ(udsctl::rate(0, 10, 0s), 0.0);
  const Latencies between = udsctl::since(latencies({1, 2, 3}), latencies({1, 5, 3}));
  EXPECT_EQ(between.count, 3U);
  EXPECT_EQ(between.buckets[1].count, 3U);
  EXPECT_EQ(between.buckets[2].count, 0U);
  EXPECT_EQ(udsctl::since(latencies({1, 2}), latencies({1, 5, 3})).count, 9U) << "other buckets";
}

TEST(Quantiles, AreKnownToABucket) {
  const Latencies spread = latencies({50, 49, 1});
  EXPECT_EQ(udsctl::show_quantile(udsctl::quantile(spread, 0.50)), "at most 10 us");
  EXPECT_EQ(udsctl::show_quantile(udsctl::quantile(spread, 0.51)), "at most 100 us");
  EXPECT_EQ(udsctl::show_quantile(udsctl::quantile(spread, 0.99)), "at most 100 us");
  EXPECT_EQ(udsctl::show_quantile(udsctl::quantile(spread, 1.0)), "more than 100 us");
  EXPECT_EQ(udsctl::show_quantile(udsctl::quantile(latencies({0, 1, 0}), 0.0)), "at most 100 us");
  EXPECT_EQ(udsctl::show_quantile(udsctl::quantile(latencies({0, 0}), 0.5)), "-");
  EXPECT_EQ(udsctl::show_quantile(udsctl::quantile({}, 0.5)), "-");
  EXPECT_FALSE(udsctl::mean_us({}));
}

TEST(Figures, AreShortAndHaveAUnit) {
  EXPECT_EQ(udsctl::show_us(0), "0 us");
  EXPECT_EQ(udsctl::show_us(999), "999 us");
  EXPECT_EQ(udsctl::show_us(1'000), "1 ms");
  EXPECT_EQ(udsctl::show_us(2'500), "2.5 ms");
  EXPECT_EQ(udsctl::show_us(250'123), "250 ms");
  EXPECT_EQ(udsctl::show_us(1'500'000), "1.5 s");
  EXPECT_EQ(udsctl::show_us(60'000'000), "60 s");
  EXPECT_EQ(udsctl::show_us(600'000'000), "10 min");
  EXPECT_EQ(udsctl::show_age(450), "0.4s");
  EXPECT_EQ(udsctl::show_age(59'999), "59s");
  EXPECT_EQ(udsctl::show_age(192'000), "3m12s");
  EXPECT_EQ(udsctl::show_age(7'500'000), "2h05m");
  EXPECT_EQ(udsctl::show_age(273'600'000), "3d04h");
  EXPECT_EQ(udsctl::show_bytes(1'023), "1023 B");
  EXPECT_EQ(udsctl::show_bytes(1'536), "1.5 KiB");
  EXPECT_EQ(udsctl::show_bytes(std::uint64_t{64} << 20), "64.0 MiB");
  EXPECT_EQ(udsctl::show_bytes(~std::uint64_t{0}), "16777216.0 TiB");
  EXPECT_EQ(udsctl::show_rate(0.04), "0.0/s");
  EXPECT_EQ(udsctl::show_rate(12.34), "12.3/s");
  EXPECT_EQ(udsctl::show_rate(1234.5), "1234/s");
  EXPECT_EQ(udsctl::padded("ä", 3), "ä  ");
  EXPECT_EQ(udsctl::padded_left("ä", 3), "  ä");
  EXPECT_EQ(udsctl::padded_left("long", 3), "long");
}

}  // namespace
