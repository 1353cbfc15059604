// The command line of uds-load.
#include "load_options.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using uds_load::Options;
using uds_load::UsageError;

Options parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "uds-load");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return uds_load::parse_options(static_cast<int>(arguments.size()), pointers.data());
}

TEST(LoadOptions, Defaults) {
  const Options options = parse({"--socket", "/s"});
  EXPECT_EQ(options.socket, "/s");
  EXPECT_EQ(options.connections, 1U);
  EXPECT_EQ(options.tails, std::vector<std::string>{",\"cmd\":\"ping\"}\n"});
}

TEST(LoadOptions, RequestsAreMixedAndFramed) {
  const Options options = parse({"--socket=/s", "--framing=nul", "--request", R"({ "cmd": "a" })",
                                 "--request", R"({"cmd":"b","args":{"n":1}})", "--seconds", "1.5"});
  const std::vector<std::string> expected{std::string(",\"cmd\":\"a\"}\0", 12),
                                          std::string(",\"args\":{\"n\":1},\"cmd\":\"b\"}\0", 27)};
  EXPECT_EQ(options.tails, expected);
  EXPECT_EQ(options.duration, std::chrono::milliseconds(1500));
}

TEST(LoadOptions, WhatIsWrongIsNamed) {
  const std::vector<std::vector<std::string>> cases{
      {},
      {"--socket", "/s", "more"},
      {"--socket", "/s", "--connections", "0"},
      {"--socket", "/s", "--requests", "1x"},
      {"--socket", "/s", "--seconds", "nan"},
      {"--socket", "/s", "--request", "{}"},
      {"--socket", "/s", "--request", R"({"id":1,"cmd":"ping"})"},
      {"--socket", "/s", "--request", "ping"},
      {"--socket", "/s", "--framing", "crlf"},
      {"--socket", "/s", "--report", "xml"}};
  for (const auto& arguments : cases) EXPECT_THROW(parse(arguments), UsageError);
}

}  // namespace
