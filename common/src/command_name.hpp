// What a command may be called. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace uds::detail {

/// The places in a command name, as bits: the begin of a segment, and all behind it.
inline constexpr unsigned char kNameBegin = 1;
inline constexpr unsigned char kNameRest = 2;

/// Of one byte: the places where it may stand, and the place of the byte behind it.
struct NameByte {
  unsigned char places = 0;
  unsigned char next = 0;
};

inline constexpr auto kNameBytes = [] {
  std::array<NameByte, 256> out{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) out[c] = {kNameBegin | kNameRest, kNameRest};
  for (unsigned char c = '0'; c <= '9'; ++c) out[c] = {kNameRest, kNameRest};
  out['_'] = out['-'] = {kNameRest, kNameRest};
  out['.'] = {kNameRest, kNameBegin};
  return out;
}();

inline constexpr std::size_t kMaxCommandBytes = 128;

/// The size of the name at the start of `text`, up to the first byte that stands in no name; 0 if
/// what stands there is no name.
constexpr std::size_t command_name_length(std::string_view text) noexcept {
  unsigned char place = kNameBegin;
  std::size_t size = 0;
  for (; size < text.size(); ++size) {
    const NameByte byte = kNameBytes[static_cast<unsigned char>(text[size])];
    if ((byte.places & place) == 0) break;
    place = byte.next;
  }
  return place == kNameBegin || size > kMaxCommandBytes ? 0 : size;
}

}  // namespace uds::detail
