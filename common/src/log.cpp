// log_quote: foreign text made safe for one line of a log or of a terminal.
//
// The output is printable ASCII only, but for the mark of a cut, which no input can produce. A byte
// that is no valid UTF-8 becomes \xXX, so that the exact bytes stay visible.
#include "uds/log.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace uds {
namespace {

constexpr std::size_t kShownBytes = 256;
constexpr std::string_view kCutMark = "\u2026";

struct Decoded {
  std::uint32_t code_point;
  std::size_t length;  // 0: the first byte starts no valid sequence
};

Decoded decode_utf8(std::string_view text) {
  const auto byte = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {0, 0};

  std::uint32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t index = 1; index < length; ++index) {
    if ((byte(index) & 0xC0) != 0x80) return {0, 0};
    value = (value << 6) | (byte(index) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[length] || surrogate || value > 0x10FFFF) return {0, 0};
  return {value, length};
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    out += "0123456789abcdef"[(value >> shift) & 0xFU];
}

void append_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  append_hex(out, unit, 4);
}

void append_escaped(std::string& out, std::uint32_t code_point) {
  switch (code_point) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (code_point >= 0x20 && code_point < 0x7F) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x10000) {
    append_unit(out, code_point);
  } else {
    append_unit(out, 0xD800 + ((code_point - 0x10000) >> 10));
    append_unit(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
  }
}

}  // namespace

std::string log_quote(std::string_view text) {
  std::string out = "\"";
  std::size_t position = 0;
  while (position < text.size() && position < kShownBytes) {
    const Decoded next = decode_utf8(text.substr(position));
    if (position + next.length > kShownBytes) break;
    if (next.length == 0) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text[position]), 2);
      ++position;
    } else {
      append_escaped(out, next.code_point);
      position += next.length;
    }
  }
  if (position < text.size()) out += kCutMark;
  out += '"';
  return out;
}

}  // namespace uds
