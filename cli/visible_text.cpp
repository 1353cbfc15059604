// Body of visible_text.hpp: one small UTF-8 decoder and loops over characters.
#include "visible_text.hpp"

#include "style.hpp"

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

constexpr std::string_view kSpace = " \t\n\r";

/// The string of `json` that begins at `begin`, with its quotes.
std::string_view string_at(std::string_view json, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2U : 1U;
  return json.substr(begin, std::min(end + 1, json.size()) - begin);
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

std::string pretty(std::string_view json, bool colour) {
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
  for (std::size_t index = 0; index < json.size(); ++index) {
    const char byte = json[index];
    switch (byte) {
      case '"': {
        const std::string_view text = string_at(json, index);
        index += text.size() - 1;
        const std::size_t next = json.find_first_not_of(kSpace, index + 1);
        const bool name = next != std::string_view::npos && json[next] == ':';
        out += painted(text, name ? Style::Name : Style::Value, colour);
        break;
      }
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        break;
      case '{':
      case '[': {
        out += byte;
        const std::size_t next = json.find_first_not_of(kSpace, index + 1);
        if (next != std::string_view::npos && (json[next] == '}' || json[next] == ']')) {
          out += json[next];
          index = next;
        } else {
          ++depth;
          new_line();
        }
        break;
      }
      case '}':
      case ']':
        if (depth > 0) --depth;
        new_line();
        out += byte;
        break;
      case ',':
        out += byte;
        new_line();
        break;
      case ':':
        out += ": ";
        break;
      default:
        out += byte;
    }
  }
  return out;
}

std::string clip(std::string_view text, std::size_t columns) {
  std::size_t characters = 0;
  std::size_t cut = 0;  // where the last character that leaves room for the mark ends
  for (std::size_t index = 0; index < text.size();) {
    if (characters + 1 == columns) cut = index;
    if (characters == columns) return std::string(text.substr(0, cut)) + "\u2026";
    index += std::max<std::size_t>(first_character(text.substr(index)).bytes, 1);
    ++characters;
  }
  return std::string(text);
}

}  // namespace udsctl
