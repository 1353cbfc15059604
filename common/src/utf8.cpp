// Body of utf8.hpp.
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace uds::detail {

namespace {

/// How many of the first bytes of `text` are ASCII, in steps of a word; maybe some less.
std::size_t ascii_length(std::string_view text) noexcept {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  constexpr std::size_t kBlock = 4 * sizeof(std::uint64_t);
  std::size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    std::array<std::uint64_t, 4> words;
    std::memcpy(words.data(), text.data() + at, kBlock);
    if (((words[0] | words[1] | words[2] | words[3]) & kHigh) != 0) break;
  }
  return at;
}

}  // namespace

std::size_t valid_utf8_length(std::string_view text) noexcept {
  const auto byte = [text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned lead = byte(at);
    if (lead < 0x80) {
      at += std::max<std::size_t>(ascii_length(text.substr(at)), 1);
      continue;
    }
    if (lead < 0xC2 || lead > 0xF4) return at;
    const std::size_t length = lead < 0xE0 ? 2U : lead < 0xF0 ? 3U : 4U;
    const unsigned lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(at + 1) < lowest || byte(at + 1) > highest) return at;
    for (std::size_t next = 2; next < length; ++next) {
      if ((byte(at + next) & 0xC0U) != 0x80U) return at;
    }
    at += length;
  }
  return text.size();
}

}  // namespace uds::detail
