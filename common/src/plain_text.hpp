// How far a text stands in JSON as it is: ASCII without controls, quotes and backslashes; and
// whether two short texts are the same. Pure.
//
// Looks at many bytes at a time: strings are most of what is read and written.
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

/// How many bytes are looked at in one step. A machine without registers of that size does with
/// several.
constexpr std::size_t kStep = 16;

using Step [[gnu::vector_size(kStep)]] = signed char;

/// Of the bytes of a step the first whose bits are set; kStep if there is none.
inline std::size_t first_marked(Step marks) noexcept {
  using Halves [[gnu::vector_size(kStep)]] = std::uint64_t;
  const auto halves = std::bit_cast<Halves>(marks);
  const std::uint64_t low = halves[0];
  const std::uint64_t high = halves[1];
  const auto zeros = [](std::uint64_t bits) {
    const bool little = std::endian::native == std::endian::little;
    return static_cast<std::size_t>(little ? std::countr_zero(bits) : std::countl_zero(bits));
  };
  if ((low | high) == 0) return kStep;
  return (low != 0 ? zeros(low) : 64 + zeros(high)) / 8;
}

/// How many of the kStep bytes at `at` come before the first that is special.
inline std::size_t plain_in_step(const char* at) noexcept {
  Step bytes;
  std::memcpy(&bytes, at, kStep);
  // As signed numbers, those that are no ASCII are below the controls.
  return first_marked((bytes < 0x20) | (bytes == '"') | (bytes == '\\'));
}

/// How many of the kStep bytes at `at` come before the first that is special and ASCII.
inline std::size_t unescaped_in_step(const char* at) noexcept {
  Step bytes;
  std::memcpy(&bytes, at, kStep);
  return first_marked(((bytes & ~0x1F) == 0) | (bytes == '"') | (bytes == '\\'));
}

/// How many of the first bytes of `text` are not special.
inline std::size_t plain_length(std::string_view text) noexcept {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  for (; static_cast<std::size_t>(end - at) >= kStep; at += kStep) {
    const std::size_t plain = plain_in_step(at);
    if (plain < kStep) return static_cast<std::size_t>(at - begin) + plain;
  }
  while (at != end && !is_special(*at)) ++at;
  return static_cast<std::size_t>(at - begin);
}

/// Whether both are the same. Names are mostly so short that a call would cost more than to look.
inline bool same_text(std::string_view one, std::string_view other) noexcept {
  const std::size_t size = one.size();
  if (size != other.size()) return false;
  const char* const first = one.data();
  const char* const second = other.data();
  const auto same = [&]<class Word>(Word) {
    Word ends[4];
    std::memcpy(&ends[0], first, sizeof(Word));
    std::memcpy(&ends[1], second, sizeof(Word));
    std::memcpy(&ends[2], first + size - sizeof(Word), sizeof(Word));
    std::memcpy(&ends[3], second + size - sizeof(Word), sizeof(Word));
    return ((ends[0] ^ ends[1]) | (ends[2] ^ ends[3])) == 0;
  };
  if (size >= 4 && size <= 8) return same(std::uint32_t{});
  if (size > 8 && size <= 16) return same(std::uint64_t{});
  return one == other;
}

}  // namespace uds::detail
