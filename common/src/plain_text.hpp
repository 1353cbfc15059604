// How far a text stands in JSON as it is: ASCII without controls, quotes and backslashes. Pure.
//
// Looks at eight bytes at a time: strings are most of what is read and written.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace uds::detail {

inline constexpr auto kSpecial = [] {
  std::array<bool, 256> out{};
  for (std::size_t byte = 0; byte < out.size(); ++byte)
    out[byte] = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
  return out;
}();

/// Whether `c` may not stand in a JSON string as it is, or is not ASCII.
constexpr bool is_special(char c) noexcept {
  return kSpecial[static_cast<unsigned char>(c)];
}

/// The highest bit of the first special byte of `word` (in memory order on a little-endian machine)
/// is set, and none below it; 0 if there is none. (Bit Twiddling Hacks, "hasless".)
constexpr std::uint64_t mark_special(std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = kOnes * 0x80;
  const auto below = [](std::uint64_t bytes, std::uint64_t limit) {
    return (bytes - kOnes * limit) & ~bytes & kHigh;
  };
  return below(word, 0x20) | below(word ^ (kOnes * '"'), 1) | below(word ^ (kOnes * '\\'), 1) |
         (word & kHigh);
}

/// How many of the first bytes of `text` are not special.
inline std::size_t plain_length(std::string_view text) noexcept {
  constexpr std::size_t kBlock = 4 * sizeof(std::uint64_t);
  std::size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    std::array<std::uint64_t, 4> words;
    std::memcpy(words.data(), text.data() + at, kBlock);
    if ((mark_special(words[0]) | mark_special(words[1]) | mark_special(words[2]) |
         mark_special(words[3])) != 0)
      break;
  }
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    const std::uint64_t marks = mark_special(word);
    if (marks == 0) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return at + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }
  while (at < text.size() && !is_special(text[at])) ++at;
  return at;
}

}  // namespace uds::detail
