// What the strict parser accepts and refuses, where it says the error is, and that what it says is
// never input text.
#include "uds/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

namespace {

using namespace std::string_literals;

std::string nested(std::size_t depth, const std::string& open, const std::string& close,
                   const std::string& inner) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += inner;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(Json, RefusesWithReasonAndOffset) {
  struct Case {
    std::string text;
    std::size_t offset;
    std::string reason;
  };
  const Case cases[] = {
      {"", 0, "unexpected end"},
      {"  ", 2, "unexpected end"},
      {"{", 1, "unexpected end"},
      {"{\"a\":", 5, "unexpected end"},
      {"[1,", 3, "unexpected end"},
      {"\"abc", 4, "unexpected end"},
      {"tru", 3, "unexpected end"},
      {"-", 1, "unexpected end"},
      {"\xEF\xBB\xBF{}", 0, "byte order mark"},
      {"{}"s + '\0', 2, "NUL byte"},
      {"\"a"s + '\0' + "\"", 2, "NUL byte"},
      {"{} {}", 3, "text after the value"},
      {"{}x", 2, "text after the value"},
      {"1 \"", 3, "unexpected end"},
      {"[1,]", 3, "unexpected character"},
      {"{\"a\":1,}", 7, "unexpected character"},
      {"{'a':1}", 1, "unexpected character"},
      {"[1}", 2, "unexpected character"},
      {"/**/1", 0, "unexpected character"},
      {"[NaN]", 1, "unexpected character"},
      {"{\"a\" \"b\"}", 7, "string out of place, or lone surrogate at its end"},
      {"{1:2}", 1, "unexpected character"},
      {"[01]", 2, "unexpected character"},
      {"[1.]", 3, "unexpected character"},
      {"[\"\\x\"]", 3, "invalid escape in a string"},
      {"[\"a\nb\"]", 3, "control character in a string"},
      {"[\"\\ud800\"]", 8, "string out of place, or lone surrogate at its end"},
      {"[\"\\udc00\"]", 7, "invalid escape in a string"},
      {"[\"\\\\\\\"\\x\"]", 7, "invalid escape in a string"},
      {"[\"\\ud800\\u0041\"]", 13, "invalid escape in a string"},
      {"[\"\\ud800\\ud800\"]", 13, "invalid escape in a string"},
      {"[\"\xFF\"]", 2, "invalid UTF-8"},
      {"[\"\xC3\"]", 2, "invalid UTF-8"},
      {"[\"a\xC0\x80\"]", 3, "invalid UTF-8"},
      {"[\"\xE0\x9F\xBF\"]", 2, "invalid UTF-8"},
      {"[\"\xED\xA0\x80\"]", 2, "invalid UTF-8"},
      {"[\"\xF0\x8F\xBF\xBF\"]", 2, "invalid UTF-8"},
      {"[\"\xF4\x90\x80\x80\"]", 2, "invalid UTF-8"},
      {"[\"\xF5\x80\x80\x80\"]", 2, "invalid UTF-8"},
      {"[\"\xE2\x82", 2, "invalid UTF-8"},
      {"[1e999]", 5, "number outside double"},
      {"[-1e999]", 6, "number outside double"},
      {"[18446744073709551616]", 21, "integer outside 64 bits"},
      {"[-9223372036854775809]", 21, "integer outside 64 bits"},
      {"{\"a\":1,\"a\":2}", 9, "duplicate key"},
      {"{\"a\":1,\"\\u0061\":2}", 14, "duplicate key"},
      {"[{\"x\":{\"\\u00e9\":1,\"\xC3\xA9\":2}}]", 21, "duplicate key"},
      {"{\"\":1,\"\":2}", 7, "duplicate key"},
      {"{\"a\\u0000\":1,\"a\\u0000\":2}", 21, "duplicate key"},
  };
  for (const auto& [text, offset, reason] : cases) {
    const auto result = uds::parse_json(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().reason, reason) << text;
    EXPECT_EQ(result.error().offset, offset) << text;
  }
}

TEST(Json, AcceptsAndKeepsValues) {
  struct Case {
    std::string text;
    std::string compact;
  };
  const Case cases[] = {
      {"null", "null"},
      {" [ ] ", "[]"},
      {"[[]]", "[[]]"},
      {"{\"b\":[1,{\"c\":null}],\"a\":true}", "{\"a\":true,\"b\":[1,{\"c\":null}]}"},
      {"\r\n{\t}\r", "{}"},
      {"9007199254740993", "9007199254740993"},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"1.5", "1.5"},
      {"1e2", "100.0"},
      {"1e-999", "0.0"},
      {"\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\""},
      {"\"\\u0000\"", "\"\\u0000\""},
      {"{\"a\\u0000b\":1,\"a\":2}", "{\"a\":2,\"a\\u0000b\":1}"},
      {"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "{\"a\":{\"a\":1},\"b\":{\"a\":1}}"},
      {"\"\\u2028\\uFEFF\"", "\"\xE2\x80\xA8\xEF\xBB\xBF\""},
      {"\"\x7F\"", "\"\x7F\""},
  };
  for (const auto& [text, compact] : cases) {
    const auto result = uds::parse_json(text);
    ASSERT_TRUE(result) << text << ": " << result.error().reason;
    EXPECT_EQ(uds::to_json_text(*result), compact) << text;
  }
  EXPECT_EQ(uds::parse_json("9007199254740993")->get<std::int64_t>(), 9007199254740993);
  EXPECT_EQ(uds::parse_json("18446744073709551615")->get<std::uint64_t>(),
            std::numeric_limits<std::uint64_t>::max());
}

TEST(Json, DepthIsLimitedExactly) {
  struct Shape {
    const char* open;
    const char* close;
    std::size_t levels;
  };
  for (const auto& [open, close, levels] :
       {Shape{"[", "]", 1}, Shape{"{\"a\":", "}", 1}, Shape{"[{\"a\":", "}]", 2}}) {
    for (const std::size_t depth : {63U, 64U, 65U, 66U}) {
      const auto result = uds::parse_json(nested(depth / levels, open, close, "1"));
      EXPECT_EQ(result.has_value(), depth / levels * levels <= 64) << open << depth;
      if (!result) {
        EXPECT_EQ(result.error().reason, "nested deeper than 64");
      }
    }
  }
  // The place is the first bracket too many, and a scalar at the deepest level is no level.
  EXPECT_EQ(uds::parse_json(nested(65, "[", "]", "")).error().offset, 64U);
  EXPECT_TRUE(uds::parse_json(nested(64, "[", "]", "")));
}

TEST(Json, HugeNestingIsRefusedWithoutRecursion) {
  for (const std::size_t depth : {100'000U, 1'000'000U}) {
    for (const char* open : {"[", "{\"a\":", "[{\"a\":"}) {
      const auto result = uds::parse_json(nested(depth, open, "", ""));
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().reason, "nested deeper than 64");
    }
  }
}

TEST(Json, ValueCountIsLimitedExactly) {
  const auto array_of = [](std::size_t count) {
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "0" : ",0";
    return text + "]";
  };
  // The array itself is one value.
  EXPECT_TRUE(uds::parse_json(array_of(99'999)));
  const auto result = uds::parse_json(array_of(100'000));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "more than 100000 values");

  uds::Limits limits;
  limits.json_values = 3;
  EXPECT_TRUE(uds::parse_json(R"({"a":1,"b":[]})", limits));
  EXPECT_FALSE(uds::parse_json(R"({"a":1,"b":[],"c":{}})", limits));
}

TEST(Json, WideObjectsAreFineAndTheirDuplicatesFound) {
  const auto object = [](std::size_t count, const std::string& last) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    return text + "\"" + last + "\":0}";
  };
  const auto wide = uds::parse_json(object(99'990, "last"));
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->size(), 99'991U);
  const auto twice = uds::parse_json(object(99'990, "k0"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().reason, "duplicate key");
}

TEST(Json, SerialisingNeverThrowsAndReplacesWhatIsNotUtf8) {
  std::string out = "x";
  uds::append_json(out, uds::Json("a\xFF\xED\xA0\x80z"));
  EXPECT_TRUE(uds::parse_json(out.substr(1)));
  EXPECT_EQ(out.find('\xFF'), std::string::npos);
  EXPECT_NE(out.find("\xEF\xBF\xBD"), std::string::npos);
  EXPECT_EQ(uds::to_json_text(uds::Json(std::numeric_limits<double>::infinity())), "null");
}

TEST(Json, StringsOfEveryByteComeBack) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = "a"s + static_cast<char>(byte) + "b";
    std::string out;
    uds::append_json_string(out, text);
    EXPECT_EQ(out.find('\n'), std::string::npos);
    EXPECT_EQ(out.find('\0'), std::string::npos);
    const auto back = uds::parse_json(out);
    ASSERT_TRUE(back) << byte;
    EXPECT_EQ(back->get<std::string>(), byte < 0x80 ? text
                                                    : "a\xEF\xBF\xBD"
                                                      "b")
        << byte;
  }
}

TEST(Json, EveryTruncationOfAValidTextIsRefused) {
  const std::string text = R"({"a":[1,-2.5e3,"x\u00e9\\",true,null],"b":{"c":{}}})";
  ASSERT_TRUE(uds::parse_json(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto result = uds::parse_json(std::string_view(text).substr(0, size));
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().offset, size);
    EXPECT_EQ(result.error().reason, "unexpected end");
  }
}

}  // namespace
