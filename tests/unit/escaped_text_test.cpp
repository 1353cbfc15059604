// Text in JSON: written as nlohmann writes it, read as it was, wherever the escapes stand.
#include "escaped_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "uds/json.hpp"

namespace {

using uds::detail::append_escaped;
using uds::detail::read_escaped;

std::string escaped(const std::string& utf8) {
  std::string out = "x";
  append_escaped(out, utf8);
  return out.substr(1);
}

void expect_that_it_comes_back(const std::string& utf8) {
  const std::string text = escaped(utf8);
  EXPECT_EQ(text, uds::Json(utf8).dump());
  const auto read = read_escaped(text.substr(1) + "behind");
  ASSERT_TRUE(read) << text;
  EXPECT_EQ(read->utf8, utf8);
  EXPECT_EQ(read->size, text.size() - 2);
}

TEST(EscapedText, EveryByteOfAsciiAtEveryPlaceOfEveryLength) {
  for (std::size_t size = 0; size < 50; ++size) {
    const std::string plain(size, 'a');
    expect_that_it_comes_back(plain);
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 0x80; ++byte) {
        std::string utf8 = plain;
        utf8[at] = static_cast<char>(byte);
        expect_that_it_comes_back(utf8);
      }
    }
  }
}

TEST(EscapedText, TextsOfManyPieces) {
  std::string utf8;
  for (std::size_t line = 0; line < 300; ++line) {
    utf8 += "\u00e4\u20ac\U0001F600 \"" + std::to_string(line) + std::string(line, '\\') + "\x01\n";
    expect_that_it_comes_back(utf8);
  }
  expect_that_it_comes_back(std::string(1000, '\0'));
}

TEST(EscapedText, LooksAtNothingBehindTheEnd) {
  for (std::size_t size = 0; size < 80; ++size) {
    // On the heap and of that size, so that a look behind the end is noticed.
    const std::vector<char> bytes(size, 'b');
    std::string out;
    append_escaped(out, {bytes.data(), size});
    EXPECT_EQ(out.size(), size + 2);
    EXPECT_FALSE(read_escaped({bytes.data(), size}));
    const std::vector<char> text(out.begin() + 1, out.end());
    const auto read = read_escaped({text.data(), text.size()});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->size, size);
  }
}

TEST(EscapedText, WhatIsNoTextIsRefused) {
  for (const char* text :
       {"", "a", "a\n\"", "\\", "\\\"", "\\x\"", "\\u\"", "\\u00\"", "\\u000\"", "\\u00zz\"",
        "\\u00e4\"", "\\u0141\"", "\xC3\"", "\x80\"", "0123456789abcdef\\"})
    EXPECT_FALSE(read_escaped(text)) << text;
}

TEST(EscapedText, ReadsEscapesThatItDoesNotWrite) {
  const auto read = read_escaped(R"(\/\u0041\u000a")");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->utf8, "/A\n");
}

}  // namespace
