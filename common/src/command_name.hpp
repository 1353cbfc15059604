// What a command may be called. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace uds::detail {

/// What a byte is in a command name.
enum class NameByte : unsigned char { Foreign, Inner, Letter, Dot };

inline constexpr auto kNameBytes = [] {
  std::array<NameByte, 256> out{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) out[c] = NameByte::Letter;
  for (unsigned char c = '0'; c <= '9'; ++c) out[c] = NameByte::Inner;
  out['_'] = out['-'] = NameByte::Inner;
  out['.'] = NameByte::Dot;
  return out;
}();

inline constexpr std::size_t kMaxCommandBytes = 128;

/// The size of the name at the start of `text`, up to the first byte that stands in no name; 0 if
/// what stands there is no name.
constexpr std::size_t command_name_length(std::string_view text) noexcept {
  NameByte last = NameByte::Dot;  // a segment is to begin
  std::size_t size = 0;
  for (; size < text.size(); ++size) {
    const NameByte byte = kNameBytes[static_cast<unsigned char>(text[size])];
    if (byte == NameByte::Foreign) break;
    if (last == NameByte::Dot && byte != NameByte::Letter) return 0;
    last = byte;
  }
  return last == NameByte::Dot || size > kMaxCommandBytes ? 0 : size;
}

}  // namespace uds::detail
