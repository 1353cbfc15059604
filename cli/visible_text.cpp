// Body of visible_text.hpp: one small UTF-8 decoder and loops over characters.
#include "visible_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace udsctl {
namespace {

struct Character {
  std::uint32_t code_point;
  std::size_t bytes;  // 0: the text does not begin with valid UTF-8
};

Character first_character(std::string_view text) {
  const auto byte = [text](std::size_t index) -> std::uint32_t {
    return static_cast<unsigned char>(text[index]);
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {0, 0};
  std::uint32_t code_point = lead & (0xFFU >> (bytes + 1));
  for (std::size_t index = 1; index < bytes; ++index) {
    if ((byte(index) & 0xC0U) != 0x80) return {0, 0};
    code_point = (code_point << 6) | (byte(index) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  if (code_point < kSmallest[bytes] || code_point > 0x10FFFF) return {0, 0};
  return {code_point, bytes};
}

/// Control characters (C0, DEL, C1), zero-width and direction marks, line separators, surrogates,
/// the byte order mark.
bool is_hidden(std::uint32_t code_point) {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  constexpr std::array<Range, 10> kHidden{{{0x00, 0x1F},
                                           {0x7F, 0x9F},
                                           {0xAD, 0xAD},
                                           {0x61C, 0x61C},
                                           {0x200B, 0x200F},
                                           {0x2028, 0x202E},
                                           {0x2060, 0x206F},
                                           {0xD800, 0xDFFF},
                                           {0xFEFF, 0xFEFF},
                                           {0xFFF9, 0xFFFB}}};
  return std::any_of(kHidden.begin(), kHidden.end(), [=](const Range& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out += "0123456789abcdef"[(value >> shift) & 0xFU];
}

/// How many columns of a terminal a character takes: 2 for the wide ones of East Asia and for
/// emoji (Unicode, UAX #11), else 1.
std::size_t columns_of(std::uint32_t code_point) {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  constexpr std::array<Range, 11> kWide{{{0x1100, 0x115F},
                                         {0x2E80, 0x303E},
                                         {0x3041, 0x4DBF},
                                         {0x4E00, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};
  return std::any_of(kWide.begin(), kWide.end(),
                     [=](const Range& range) {
                       return code_point >= range.first && code_point <= range.last;
                     })
             ? 2
             : 1;
}

}  // namespace

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    if (character.bytes == 0) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[0]), 2);
    } else if (is_hidden(character.code_point)) {
      out += "\\u";
      append_hex(out, character.code_point, 4);
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::string one_line(std::string_view json) {
  std::string out(json);
  for (char& byte : out)
    if (byte == '\n' || byte == '\r' || byte == '\t') byte = ' ';
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += columns_of(character.code_point);
    text.remove_prefix(std::max<std::size_t>(character.bytes, 1));
  }
  return columns;
}

std::string clip(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  std::size_t cut = 0;  // where the last character that leaves room for the mark ends
  for (std::size_t index = 0; index < text.size();) {
    const Character character = first_character(text.substr(index));
    const std::size_t more = columns_of(character.code_point);
    if (used + more > columns) return std::string(text.substr(0, cut)) + "\u2026";
    index += std::max<std::size_t>(character.bytes, 1);
    used += more;
    if (used + 1 <= columns) cut = index;
  }
  return std::string(text);
}

}  // namespace udsctl
