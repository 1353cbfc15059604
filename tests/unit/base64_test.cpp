// Base64: the vectors of RFC 4648, every length, and what is refused.
#include "base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using uds::detail::append_base64;
using uds::detail::from_base64;

std::string coded(const std::string& bytes) {
  std::string out = "x";
  append_base64(out, bytes);
  return out.substr(1);
}

TEST(Base64, VectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(coded(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, AllBytesOfAllLengthsComeBack) {
  std::string bytes;
  for (int size = 0; size < 600; ++size) {
    EXPECT_EQ(from_base64(coded(bytes)), bytes);
    bytes += static_cast<char>(size * 7);
  }
}

TEST(Base64, LooksAtNothingBehindTheEnd) {
  for (std::size_t size = 0; size < 80; ++size) {
    // On the heap and of that size, so that a look behind the end is noticed.
    const std::vector<char> bytes(size, 'b');
    std::string text = coded({bytes.begin(), bytes.end()});
    const std::string copy(text);
    const std::vector<char> exact(text.begin(), text.end());
    text.clear();
    append_base64(text, {bytes.data(), bytes.size()});
    EXPECT_EQ(text, copy);
    EXPECT_EQ(from_base64({exact.data(), exact.size()}), std::string(size, 'b'));
  }
}

TEST(Base64, WhatIsNoBase64IsRefused) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Z g=", "Zm9v\n", "Zm9-", "Zh==", "Zm9="})
    EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Base64, WhatIsNoDigitIsRefusedWhereverItStands) {
  const std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string text(64, 'Q');
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      const bool last = at == text.size() - 1;
      const bool valid = digits.find(changed[at]) != digits.npos || (last && changed[at] == '=');
      const auto bytes = from_base64(changed);
      // 'Q' is 010000: behind padding its last bits are none of a byte.
      EXPECT_EQ(bytes.has_value(), valid) << at << ' ' << byte;
      EXPECT_EQ(bytes ? coded(*bytes) : changed, changed);
    }
  }
}

}  // namespace
