// Bodies of escaped_text.hpp. Both copy whole steps, and then go on behind what had to be escaped:
// what was copied too much is written over.
#include "escaped_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "plain_text.hpp"
#include "utf8.hpp"

namespace uds::detail {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kLongestEscape = 6;

/// What is written of a string at a time.
constexpr std::size_t kPieceBytes = 256;

constexpr char kNoLetter = 0;

/// The letter behind a backslash, if the byte has one.
constexpr char letter_of(char byte) noexcept {
  switch (byte) {
    case '"':
    case '\\':
      return byte;
    case '\n':
      return 'n';
    case '\t':
      return 't';
    case '\r':
      return 'r';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    default:
      return kNoLetter;
  }
}

char* put_escape(char* to, char byte) noexcept {
  *to++ = '\\';
  if (const char letter = letter_of(byte); letter != kNoLetter) {
    *to++ = letter;
    return to;
  }
  const auto value = static_cast<unsigned char>(byte);
  for (const char digit : {'u', '0', '0', kHexDigits[value >> 4U], kHexDigits[value & 0xFU]})
    *to++ = digit;
  return to;
}

constexpr unsigned kNoDigit = 0x100;

/// Those that put_escape() writes.
constexpr unsigned value_of(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
  return kNoDigit;
}

/// Reads what stands behind a backslash, and moves `at` behind it.
bool read_escape(const char*& at, const char* end, char& byte) noexcept {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
  if (at == end) return false;
  const char letter = *at++;
  if (letter == 'n') {  // nearly always
    byte = '\n';
    return true;
  }
  if (const std::size_t found = kLetters.find(letter); found != std::string_view::npos) {
    byte = kBytes[found];
    return true;
  }
  if (letter != 'u' || end - at < 4 || at[0] != '0' || at[1] != '0') return false;
  const unsigned value = value_of(at[2]) * 16 + value_of(at[3]);
  if (value >= 0x80) return false;
  byte = static_cast<char>(value);
  at += 4;
  return true;
}

constexpr bool is_escaped(char byte) noexcept {
  return is_special(byte) && static_cast<unsigned char>(byte) < 0x80;
}

/// Copies what stands before the first byte that is escaped, or all up to `end`, and gives its
/// size. Writes no more than there is up to `end`.
std::size_t copy_unescaped(const char* from, const char* end, char* to) noexcept {
  const char* at = from;
  for (; static_cast<std::size_t>(end - at) >= kStep; at += kStep, to += kStep) {
    std::memcpy(to, at, kStep);
    const std::size_t size = unescaped_in_step(at);
    if (size < kStep) return static_cast<std::size_t>(at - from) + size;
  }
  while (at != end && !is_escaped(*at)) *to++ = *at++;
  return static_cast<std::size_t>(at - from);
}

}  // namespace

void append_escaped(std::string& out, std::string_view utf8) {
  // With some escapes. Growing by the text alone would make a large string move once more.
  out.reserve(out.size() + utf8.size() + utf8.size() / 16 + kPieceBytes);
  out += '"';
  std::array<char, kPieceBytes * kLongestEscape> held;
  while (!utf8.empty()) {
    const char* at = utf8.data();
    const char* const end = at + std::min(utf8.size(), kPieceBytes);
    char* to = held.data();
    for (;;) {
      const std::size_t size = copy_unescaped(at, end, to);
      at += size;
      to += size;
      if (at == end) break;
      to = put_escape(to, *at++);
    }
    out.append(held.data(), static_cast<std::size_t>(to - held.data()));
    utf8.remove_prefix(static_cast<std::size_t>(end - utf8.data()));
  }
  out += '"';
}

std::optional<Unescaped> read_escaped(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  Unescaped out;
  // Never longer than what it is made of, a whole step included.
  out.utf8.resize(text.size());
  char* to = out.utf8.data();
  for (;;) {
    const std::size_t size = copy_unescaped(at, end, to);
    at += size;
    to += size;
    if (at == end) return std::nullopt;
    const char special = *at++;
    if (special == '"') break;
    if (special != '\\' || !read_escape(at, end, *to++)) return std::nullopt;
  }
  out.utf8.resize(static_cast<std::size_t>(to - out.utf8.data()));
  if (valid_utf8_length(out.utf8) != out.utf8.size()) return std::nullopt;
  out.size = static_cast<std::size_t>(at - text.data()) - 1;
  return out;
}

}  // namespace uds::detail
