// How far a text stands in JSON as it is: ASCII without controls, quotes and backslashes. Pure.
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

/// Two halves in which all bits of each special byte of the kStep at `at` are set, and none of the
/// others.
inline std::array<std::uint64_t, 2> mark_special(const char* at) noexcept {
  using Bytes [[gnu::vector_size(kStep)]] = signed char;
  Bytes bytes;
  std::memcpy(&bytes, at, kStep);
  // As signed numbers, those that are no ASCII are below the controls.
  const Bytes marks = (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
  return std::bit_cast<std::array<std::uint64_t, 2>>(marks);
}

/// How many of the first bytes of `text` are not special.
inline std::size_t plain_length(std::string_view text) noexcept {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  for (; static_cast<std::size_t>(end - at) >= kStep; at += kStep) {
    const auto [low, high] = mark_special(at);
    if ((low | high) == 0) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    const int zeros = low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(high);
    return static_cast<std::size_t>(at - begin) + static_cast<std::size_t>(zeros) / 8;
  }
  while (at != end && !is_special(*at)) ++at;
  return static_cast<std::size_t>(at - begin);
}

}  // namespace uds::detail
