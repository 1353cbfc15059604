// The layout of responses, without a terminal: live lines, pretty JSON, and text that must not
// reach one as it is.
#include "render.hpp"

#include "layout.hpp"
#include "visible_text.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace {

using uds::Response;
using udsctl::clip;
using udsctl::one_line;
using udsctl::pretty;
using udsctl::progress_line;
using udsctl::visible;

TEST(ProgressLine, ShowsABarWhereTheTotalIsKnown) {
  EXPECT_EQ(progress_line(Response::progress(0, 4, "steps", "start"), 80),
            "[--------------------]   0% start");
  EXPECT_EQ(progress_line(Response::progress(1, 4, "steps", "on it"), 80),
            "[#####---------------]  25% on it");
  EXPECT_EQ(progress_line(Response::progress(4, 4, "steps", "ready"), 80),
            "[####################] 100% ready");
}

TEST(ProgressLine, SurvivesProgressThatMakesNoSense) {
  EXPECT_EQ(progress_line(Response::progress(9, 4, "x", "beyond"), 80),
            "[####################] 100% beyond");
  EXPECT_EQ(progress_line(Response::progress(-9, 4, "x", "before"), 80),
            "[--------------------]   0% before");
  EXPECT_EQ(progress_line(Response::progress(1, 0, "x", "none"), 80), "none");
  EXPECT_EQ(progress_line(Response::progress(1, -4, "x", "minus"), 80), "minus");
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(progress_line(Response::progress(kMost, kMost, "x", "most"), 80),
            "[####################] 100% most");
}

TEST(ProgressLine, ShowsMessageAndDataWithoutATotal) {
  EXPECT_EQ(progress_line(Response::progress(3, std::nullopt, "rows", "3 rows"), 80), "3 rows");
  uds::Json data = uds::Json::object();
  data["event"] = "connection";
  EXPECT_EQ(progress_line(Response::processing("event", data), 80),
            R"(event {"event":"connection"})");
}

TEST(ProgressLine, StaysWithinTheLineAndHarmless) {
  EXPECT_EQ(progress_line(Response::processing("0123456789"), 5), "0123…");
  EXPECT_EQ(progress_line(Response::processing("a\nb\x1b[2Jc"), 80), "a\\u000ab\\u001b[2Jc");
}

TEST(Clip, CountsColumnsOfATerminal) {
  EXPECT_EQ(clip("進進進", 6), "進進進");
  EXPECT_EQ(clip("進進進", 5), "進進…");
  EXPECT_EQ(clip("進進進", 4), "進…");
  EXPECT_EQ(udsctl::width_of("a進🙂ä"), 6U);
}

TEST(Clip, CountsCharactersNotBytes) {
  EXPECT_EQ(clip("äöü", 3), "äöü");
  EXPECT_EQ(clip("äöüß", 3), "äö…");
  EXPECT_EQ(clip("abc", 1), "…");
  EXPECT_EQ(clip("", 1), "");
}

TEST(Visible, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(visible("plain ~ grün 漢字 🙂"), "plain ~ grün 漢字 🙂");
}

TEST(Visible, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(visible("\x1b]0;title\x07"), "\\u001b]0;title\\u0007");
  EXPECT_EQ(visible("\x7f"), "\\u007f");
  EXPECT_EQ(visible("\u009b31m"), "\\u009b31m") << "the C1 form of an escape sequence";
  EXPECT_EQ(visible("a\u202eb\u2066c\u200bd\ufeff"), "a\\u202eb\\u2066c\\u200bd\\ufeff");
  EXPECT_EQ(visible("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(visible("\xed\xa0\x80"), "\\ud800");
  EXPECT_EQ(visible("\xc0\x9b"), "\\xc0\\x9b") << "an overlong escape";
}

TEST(Pretty, IndentsAndKeepsOrderStringsAndNumbers) {
  EXPECT_EQ(
      pretty(R"({"z":1.0,"a":[1,2],"s":"{\"x\":[1]}, \\"})"),
      "{\n  \"z\": 1.0,\n  \"a\": [\n    1,\n    2\n  ],\n  \"s\": \"{\\\"x\\\":[1]}, \\\\\"\n}");
}

TEST(Pretty, KeepsEmptyContainersShort) {
  EXPECT_EQ(pretty(R"({"a": {}, "b": [ ]})"), "{\n  \"a\": {},\n  \"b\": []\n}");
}

TEST(OneLine, RemovesLineBreaksBetweenParts) {
  EXPECT_EQ(one_line("{\n\t\"a\":\r\n1}"), "{  \"a\":  1}");
}

}  // namespace
