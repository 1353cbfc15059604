// Texts that are looked at many bytes at a time.
#include "plain_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using uds::detail::same_text;

TEST(PlainText, SameTextSeesEachByteAndNoneBehind) {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::vector<char> one(size, 'a');
    std::vector<char> other(size, 'a');
    const std::string_view text(one.data(), size);
    const std::string_view copy(other.data(), size);
    EXPECT_TRUE(same_text(text, copy)) << size;
    for (char& byte : other) {
      byte = 'b';
      EXPECT_FALSE(same_text(text, copy)) << size;
      byte = 'a';
    }
    EXPECT_FALSE(same_text(text, std::string(size + 1, 'a'))) << size;
  }
}

}  // namespace
