// log_quote: whatever a stranger sends, a log shows one printable line; and the level of a Log.
#include "uds/log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using uds::log_quote;

constexpr std::string_view kCut = "\u2026";

// Printable ASCII in double quotes, but for one mark of a cut before the last quote.
bool is_one_printable_line(std::string quoted) {
  const auto cut = quoted.find(kCut);
  if (cut != std::string::npos) {
    if (cut + kCut.size() + 1 != quoted.size()) return false;
    quoted.erase(cut, kCut.size());
  }
  return quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"' &&
         std::all_of(quoted.begin(), quoted.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

TEST(LogQuote, LeavesPlainTextAndEscapesTheRest) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", R"("")"},
      {"ping", R"("ping")"},
      {"a b/c", R"("a b/c")"},
      {"say \"hi\" \\", R"("say \"hi\" \\")"},
      {"one\ntwo\r\n\tthree\b\f", R"("one\ntwo\r\n\tthree\b\f")"},
      {"\x1b[31mred", R"("\u001b[31mred")"},
      {std::string("a\0b", 3), R"("a\u0000b")"},
      {"\x7f", R"("\u007f")"},
      {"\u202Egnp.exe", R"("\u202egnp.exe")"},
      {"caf\u00e9", R"("caf\u00e9")"},
      {"\U0001F600", R"("\ud83d\ude00")"},
      {"\xff\xfe", R"("\xff\xfe")"},
      {"\xc0\x80", R"("\xc0\x80")"},                  // NUL written too long
      {"\xe0\x80\xaf", R"("\xe0\x80\xaf")"},          // a slash written too long
      {"\xed\xa0\x80", R"("\xed\xa0\x80")"},          // half of a surrogate pair
      {"\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")"},  // beyond U+10FFFF
      {"\xe2\x82", R"("\xe2\x82")"},                  // ends too early
      {"\xe2(", R"("\xe2(")"},
  };
  for (const auto& [raw, quoted] : cases) {
    EXPECT_EQ(log_quote(raw), quoted);
    EXPECT_TRUE(is_one_printable_line(log_quote(raw))) << quoted;
  }
}

TEST(LogQuote, AnyByteAnywhereGivesOnePrintableLine) {
  for (int byte = 0; byte < 256; ++byte)
    for (const std::string& text : {std::string(1, static_cast<char>(byte)),
                                    "a" + std::string(3, static_cast<char>(byte)) + "\u202E",
                                    "\xe2" + std::string(1, static_cast<char>(byte))})
      EXPECT_TRUE(is_one_printable_line(log_quote(text))) << byte << ' ' << log_quote(text);
}

TEST(LogQuote, ShowsAtMost256BytesAndMarksTheCut) {
  const std::string quote = "\"";
  EXPECT_EQ(log_quote(std::string(256, 'a')), quote + std::string(256, 'a') + quote);
  EXPECT_EQ(log_quote(std::string(257, 'a')),
            quote + std::string(256, 'a') + std::string(kCut) + quote);
  // A character that would cross the limit is left out as a whole.
  EXPECT_EQ(log_quote(std::string(254, 'a') + "\u202E"),
            quote + std::string(254, 'a') + std::string(kCut) + quote);
}

TEST(LogQuote, AMegabyteOfAnythingStaysShort) {
  for (const std::string_view text : {"\n", "\r", "\x1b", "\u202E", "\xff", "x"}) {
    std::string long_text;
    while (long_text.size() < (std::size_t{1} << 20)) long_text += text;
    const std::string quoted = log_quote(long_text);
    EXPECT_TRUE(is_one_printable_line(quoted)) << quoted;
    EXPECT_LE(quoted.size(), 256 * 6 + kCut.size() + 2);
    EXPECT_NE(quoted.find(kCut), std::string::npos);
  }
}

TEST(Log, PassesRecordsFromItsLevelOn) {
  std::vector<std::string> seen;
  uds::Log log(uds::LogLevel::Info, [&](const uds::LogRecord& record) {
    seen.push_back(record.message + record.fields.at(0).second);
  });
  log.write(uds::LogRecord(uds::LogLevel::Debug, "no").field("key", "1"));
  log.write(uds::LogRecord(uds::LogLevel::Warn, "yes").field("key", "2"));
  log.set_level(uds::LogLevel::Off);
  log.write(uds::LogRecord(uds::LogLevel::Error, "off").field("key", "3"));
  EXPECT_EQ(seen, std::vector<std::string>{"yes2"});
  EXPECT_FALSE(uds::Log().enabled(uds::LogLevel::Error)) << "a Log without a sink is silent";
}

}  // namespace
