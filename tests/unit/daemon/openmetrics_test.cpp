// OpenMetrics text: types, cumulated buckets, the end mark.
#include "commands/openmetrics.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

TEST(OpenMetrics, WritesEveryFamily) {
  uds::Statistics statistics;
  statistics.add_connection();
  statistics.add_request("ping", "ok", 40us);
  statistics.add_request("ping", "ok", 60us);
  statistics.add_request("countdown", "cancelled", 2s);
  statistics.add_refused("connections");
  statistics.add_dropped("stalled_reader");
  statistics.note_loop_lag(1500us);
  uds::Usage usage;
  usage.connections = 2;
  const std::string text = udsd::openmetrics(usage, &statistics);
  for (const char* line :
       {"# TYPE uds_connections gauge\n", "\nuds_connections 2\n",
        "\nuds_requests_total{command=\"ping\",code=\"ok\"} 2\n",
        "\nuds_request_duration_seconds_bucket{le=\"0.000050\"} 1\n",
        "\nuds_request_duration_seconds_bucket{le=\"0.000100\"} 2\n",
        "\nuds_request_duration_seconds_bucket{le=\"+Inf\"} 3\n",
        "\nuds_request_duration_seconds_sum 2.000100\n", "\nuds_connections_accepted_total 1\n",
        "\nuds_connections_refused_total{limit=\"connections\"} 1\n",
        "\nuds_connections_dropped_total{reason=\"stalled_reader\"} 1\n",
        "\nuds_loop_lag_seconds 0.001500\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

TEST(OpenMetrics, WithoutStatisticsOnlyGauges) {
  const std::string text = udsd::openmetrics(uds::Usage(), nullptr);
  EXPECT_EQ(text.find("_total"), std::string::npos);
  EXPECT_NE(text.find("uds_buffered_bytes 0\n"), std::string::npos);
}

}  // namespace
