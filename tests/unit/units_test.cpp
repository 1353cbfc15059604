// Durations and sizes: what people may write, and what is refused because it could mean two
// things.
#include "uds/units.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

TEST(Units, ReadsDurations) {
  EXPECT_EQ(uds::parse_duration("0ms"), 0ms);
  EXPECT_EQ(uds::parse_duration("500ms"), 500ms);
  EXPECT_EQ(uds::parse_duration("30s"), 30s);
  EXPECT_EQ(uds::parse_duration("5m"), 5min);
  EXPECT_EQ(uds::parse_duration("2h"), 2h);
  EXPECT_EQ(uds::parse_duration("7d"), 7 * 24h);
}

TEST(Units, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "s", "30", "-1s", "+1s", " 1s", "1s ", "1 s", "1S", "1.5s", "0x1s",
                           "1sec", "1ss", "1us", "99999999999999999999s", "18446744073709551615ms",
                           "9007199254740993ms", "104249991375d"})
    EXPECT_FALSE(uds::parse_duration(text)) << text;
  EXPECT_FALSE(uds::parse_duration(std::string_view("1s\0", 3)));
}

TEST(Units, ReadsSizes) {
  EXPECT_EQ(uds::parse_size("0B"), 0U);
  EXPECT_EQ(uds::parse_size("4096B"), 4096U);
  EXPECT_EQ(uds::parse_size("64KiB"), 65536U);
  EXPECT_EQ(uds::parse_size("1MiB"), 1048576U);
  EXPECT_EQ(uds::parse_size("2GiB"), std::uint64_t{2} << 30);
  EXPECT_EQ(uds::parse_size("9007199254740992B"), std::uint64_t{1} << 53);
}

TEST(Units, RefusesWhatIsNoSize) {
  for (const char* text : {"", "B", "1", "1K", "1KB", "1kib", "1MB", "-1B", "1.5MiB", "1 MiB",
                           "9007199254740993B", "18446744073709551615GiB"})
    EXPECT_FALSE(uds::parse_size(text)) << text;
}

TEST(Units, WritesWhatItReads) {
  EXPECT_EQ(uds::format_duration(1500ms), "1500ms");
  EXPECT_EQ(uds::format_duration(0ms), "0ms");
  EXPECT_EQ(uds::format_duration(24h), "1d");
  EXPECT_EQ(uds::format_size(65536), "64KiB");
  EXPECT_EQ(uds::format_size(1025), "1025B");
}

}  // namespace
