// Bodies of base64.hpp. Most of a long text goes by whole vectors: four characters are 24 bits,
// which are spread and gathered in halves, quarters and eighths of a word, the first in the highest
// bits.
#include "base64.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace uds::detail {
namespace {

constexpr std::size_t kRoomBehind = 64;

constexpr std::size_t kCharacters = 16;  // in a vector
constexpr std::size_t kBytes = kCharacters / 4 * 3;
/// What is read or written of the bytes: two words, the second from the middle on.
constexpr std::size_t kTouchedBytes = kBytes / 2 + sizeof(std::uint64_t);

// A machine without registers of that size does with several.
using Words [[gnu::vector_size(kCharacters)]] = std::uint64_t;
using Characters [[gnu::vector_size(kCharacters)]] = signed char;
using Bytes [[gnu::vector_size(kCharacters)]] = unsigned char;

constexpr std::uint64_t swapped(std::uint64_t word) noexcept {
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}

std::uint64_t load(const char* from) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return swapped(word);
}

void store(char* to, std::uint64_t word) noexcept {
  word = swapped(word);
  std::memcpy(to, &word, sizeof word);
}

/// The characters of `vectors` times kBytes; of the last it reads kTouchedBytes.
void encode(std::string_view bytes, std::size_t vectors, char* to) noexcept {
  const char* from = bytes.data();
  for (; vectors > 0; --vectors, from += kBytes, to += kCharacters) {
    Words bits{load(from) >> 16U, load(from + kBytes / 2) >> 16U};
    bits = (bits & 0x0000000000FFFFFFU) | (bits >> 24U << 32U);
    bits = (bits & 0x00000FFF00000FFFU) | ((bits & 0x00FFF00000FFF000U) << 4U);
    bits = (bits & 0x003F003F003F003FU) | ((bits & 0x0FC00FC00FC00FC0U) << 2U);
    const auto digits = std::bit_cast<Characters>(bits);
    const Characters offset = ((digits > 25) & ('a' - 'Z' - 1)) -
                              ((digits > 51) & ('z' + 1 - '0')) -
                              ((digits > 61) & ('9' + 1 - '+')) + ((digits > 62) & ('/' - '+' - 1));
    // While it is made, the sum can be more than a signed character holds.
    const auto text = std::bit_cast<Bytes>(digits) + 'A' + std::bit_cast<Bytes>(offset);
    const auto words = std::bit_cast<Words>(text);
    store(to, words[0]);
    store(to + kCharacters / 2, words[1]);
  }
}

/// The bytes of `vectors` times kCharacters; of the last it writes kTouchedBytes. False if a
/// character is no digit.
bool decode(std::string_view text, std::size_t vectors, char* to) noexcept {
  const char* from = text.data();
  Characters all_digits = Characters{} - 1;
  for (; vectors > 0; --vectors, from += kCharacters, to += kBytes) {
    const Words words{load(from), load(from + kCharacters / 2)};
    const auto characters = std::bit_cast<Characters>(words);
    const Characters from_numeral = characters >= '0';
    const Characters from_upper = characters >= 'A';
    const Characters from_lower = characters >= 'a';
    const Characters plus = characters == '+';
    const Characters slash = characters == '/';
    all_digits &= (from_numeral ^ (characters > '9')) | (from_upper ^ (characters > 'Z')) |
                  (from_lower ^ (characters > 'z')) | plus | slash;
    const Characters offset = (from_numeral & (52 - '0')) + (from_upper & ('0' - 52 - 'A')) +
                              (from_lower & ('A' + 26 - 'a')) + (plus & (62 - '+')) +
                              (slash & (63 - '/'));
    // Of what is no digit the sum is more than a signed character holds.
    const auto digits = std::bit_cast<Bytes>(characters) + std::bit_cast<Bytes>(offset);
    auto bits = std::bit_cast<Words>(digits);
    bits = (bits & 0x003F003F003F003FU) | (bits >> 2U & 0x0FC00FC00FC00FC0U);
    bits = (bits & 0x00000FFF00000FFFU) | (bits >> 4U & 0x00FFF00000FFF000U);
    bits = (bits & 0x0000000000FFFFFFU) | (bits >> 8U & 0x0000FFFFFF000000U);
    store(to, bits[0] << 16U);
    store(to + kBytes / 2, bits[1] << 16U);
  }
  const auto all = std::bit_cast<Words>(all_digits);
  return (all[0] & all[1]) == ~std::uint64_t{0};
}

/// How many vectors touch no more than `bytes`.
constexpr std::size_t whole_vectors(std::size_t bytes) noexcept {
  return bytes < kTouchedBytes ? 0 : (bytes - kTouchedBytes) / kBytes + 1;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t before = out.size();
  const std::size_t after = before + (bytes.size() + 2) / 3 * 4;
  // Without room for what follows, that would move all of it once more.
  out.reserve(after + kRoomBehind);
  out.resize(after, '=');
  char* to = out.data() + before;
  const std::size_t vectors = whole_vectors(bytes.size());
  encode(bytes, vectors, to);
  bytes.remove_prefix(vectors * kBytes);
  to += vectors * kCharacters;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kBytes);
    std::array<char, kTouchedBytes> filled{};
    std::array<char, kCharacters> text;
    std::memcpy(filled.data(), piece.data(), piece.size());
    encode({filled.data(), filled.size()}, 1, text.data());
    const std::size_t characters = (piece.size() * 8 + 5) / 6;
    std::memcpy(to, text.data(), characters);
    to += characters;
    bytes.remove_prefix(piece.size());
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string_view digits = text;
  for (int padding = 0; padding < 2 && digits.ends_with('='); ++padding) digits.remove_suffix(1);
  std::string out(digits.size() * 6 / 8, '\0');
  char* to = out.data();
  const std::size_t vectors = whole_vectors(out.size());
  if (!decode(digits, vectors, to)) return std::nullopt;
  digits.remove_prefix(vectors * kCharacters);
  to += vectors * kBytes;
  while (!digits.empty()) {
    const std::string_view piece = digits.substr(0, kCharacters);
    std::array<char, kCharacters> filled;
    std::array<char, kTouchedBytes> bytes;
    filled.fill('A');
    std::memcpy(filled.data(), piece.data(), piece.size());
    if (!decode({filled.data(), filled.size()}, 1, bytes.data())) return std::nullopt;
    const std::size_t whole = piece.size() * 6 / 8;
    // What is left over are bits that no byte has.
    if (bytes[whole] != 0) return std::nullopt;
    std::memcpy(to, bytes.data(), whole);
    to += whole;
    digits.remove_prefix(piece.size());
  }
  return out;
}

}  // namespace uds::detail
