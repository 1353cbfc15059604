// Writing JSON: the same text as nlohmann's dump(), byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "plain_text.hpp"
#include "text_writer.hpp"
#include "uds/json.hpp"

namespace {

using uds::Json;

std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

TEST(JsonText, StringsAreWrittenAsByDump) {
  // Every byte at every place of the sixteen that are looked at together, and around them.
  for (std::size_t size : {1U, 7U, 15U, 16U, 17U, 31U, 32U, 33U, 70U}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[place] = static_cast<char>(byte);
        ASSERT_EQ(uds::to_json_text(Json(text)), dumped(Json(text)))
            << size << ' ' << place << ' ' << byte;
      }
    }
  }
  for (const char* text :
       {"\xC3\xA9", "a\xC3\xA9z", "\xE2\x82\xAC\"\n", "\xF0\x9F\x98\x80", "\xC3", "\xE2\x82",
        "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xC0\x80", "a\xFF\xFE\nb", "\\\\\"\"//", "\x7F\x80"})
    EXPECT_EQ(uds::to_json_text(Json(text)), dumped(Json(text))) << text;
}

TEST(PlainText, ItsLengthIsThatOfALookAtEachByte) {
  const auto each = [](std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if(text, uds::detail::is_special) -
                                    text.begin());
  };
  for (std::size_t size = 0; size <= 40; ++size) {
    // On the heap, so that a look behind the end is noticed.
    std::vector<char> bytes(size, 'a');
    const std::string_view text(bytes.data(), size);
    ASSERT_EQ(uds::detail::plain_length(text), size);
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        bytes[place] = static_cast<char>(byte);
        ASSERT_EQ(uds::detail::plain_length(text), each(text))
            << size << ' ' << place << ' ' << byte;
      }
      bytes[place] = '"';
      for (std::size_t second = 0; second < size; ++second) {
        const char before = std::exchange(bytes[second], '\x80');
        ASSERT_EQ(uds::detail::plain_length(text), each(text))
            << size << ' ' << place << ' ' << second;
        bytes[second] = before;
      }
      bytes[place] = 'a';
    }
  }
}

TEST(JsonText, ValuesAreWrittenAsByDump) {
  const Json values = Json::parse(R"([null,true,false,0,-1,1.5,-0.0,1e300,"",{},[],[[]],{"a":{}},
      {"b":[1,{"c":"d\n"}],"a\"":2},[0.1,100,9007199254740993]])");
  EXPECT_EQ(uds::to_json_text(values), dumped(values));
  for (const Json& value : values) EXPECT_EQ(uds::to_json_text(value), dumped(value));
  for (const Json& value : {Json(std::numeric_limits<std::int64_t>::min()),
                            Json(std::numeric_limits<std::uint64_t>::max()),
                            Json(std::numeric_limits<double>::infinity()), Json::binary({1, 2}),
                            Json(Json::value_t::discarded)})
    EXPECT_EQ(uds::to_json_text(value), dumped(value));
}

TEST(TextWriter, AppendsPiecesOfAnySize) {
  using uds::detail::TextWriter;
  std::string out = "begun ";
  std::string wanted = out;
  TextWriter writer(out);
  for (std::size_t i = 0; i < 2 * TextWriter::kHeldBytes; ++i) {
    writer.put("literal,");
    writer.put(std::string(i, 'x'));
    writer.put(';');
    writer.put(-static_cast<int>(i));
    writer.put(std::numeric_limits<std::uint64_t>::max());
    wanted += "literal," + std::string(i, 'x') + ';' + std::to_string(-static_cast<int>(i)) +
              "18446744073709551615";
  }
  writer.finish();
  EXPECT_EQ(out, wanted);
}

TEST(TextWriter, PutsShortStringsThatArePlainAndFit) {
  std::string out;
  uds::detail::TextWriter writer(out);
  EXPECT_TRUE(writer.put_short_string(""));
  EXPECT_FALSE(writer.put_short_string("a\"b"));
  EXPECT_FALSE(writer.put_short_string("\xC3\xA9"));
  EXPECT_TRUE(writer.put_short_string("plain"));
  EXPECT_TRUE(writer.put_short_string("8 bytes."));
  EXPECT_FALSE(writer.put_short_string("more than"));
  writer.finish();
  EXPECT_EQ(out, R"("""plain""8 bytes.")");
  while (writer.put_short_string("x")) {
  }
  writer.finish();
  EXPECT_TRUE(writer.put_short_string("x"));
}

}  // namespace
