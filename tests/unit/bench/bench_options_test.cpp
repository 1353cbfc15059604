// Tests of the options of uds-bench and of the clients of the peers.
#include "bench_options.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace uds_bench {
namespace {

Options parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "uds-bench");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(BenchOptions, WhatIsNotSaidIsOneClientForASecond) {
  const Options options = parse({"--socket", "/run/s"});
  EXPECT_EQ(options.socket, "/run/s");
  EXPECT_EQ(options.seconds, 1);
  EXPECT_EQ(options.connections, 1U);
  EXPECT_EQ(options.outstanding, 1U);
  EXPECT_EQ(options.lines, 1U);
  EXPECT_EQ(options.requests, 0U);
  EXPECT_EQ(options.spin.count(), 0);
  EXPECT_TRUE(options.servers.empty());
  EXPECT_FALSE(options.epoll);
  EXPECT_FALSE(options.reconnect);
}

TEST(BenchOptions, EachOption) {
  const Options options =
      parse({"--socket", "s", "--servers", "12,345", "--seconds", "0.25", "--requests", "2",
             "--connections", "3", "--outstanding", "4", "--lines", "1000001", "--spin-us", "50",
             "--epoll", "--reconnect"});
  EXPECT_EQ(options.servers, (std::vector<pid_t>{12, 345}));
  EXPECT_EQ(options.seconds, 0.25);
  EXPECT_EQ(options.requests, 2U);
  EXPECT_EQ(options.connections, 3U);
  EXPECT_EQ(options.outstanding, 4U);
  EXPECT_EQ(options.lines, 1'000'001U);
  EXPECT_EQ(options.spin.count(), 50);
  EXPECT_TRUE(options.epoll);
  EXPECT_TRUE(options.reconnect);
}

TEST(BenchOptions, Refused) {
  const std::vector<std::vector<const char*>> wrong = {
      {},
      {"--socket"},
      {"--socket", "s", "--connections", "0"},
      {"--socket", "s", "--connections", "many"},
      {"--socket", "s", "--outstanding", "-1"},
      {"--socket", "s", "--seconds", "1s"},
      {"--socket", "s", "--servers", "1,"},
      {"--socket", "s", "--nothing", "1"},
  };
  for (const auto& arguments : wrong) {
    const char* last = arguments.empty() ? "nothing" : arguments.back();
    EXPECT_THROW(parse(arguments), std::invalid_argument) << last;
  }
}

}  // namespace
}  // namespace uds_bench
