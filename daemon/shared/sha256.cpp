// Bodies of sha256.hpp.
#include "shared/sha256.hpp"

#include <array>
#include <cstdint>

namespace udsd {

Sha256::Sha256() {
  ::sha256_init(&context_);
}

void Sha256::update(std::string_view bytes) {
  ::sha256_update(&context_, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

std::string Sha256::hex_digest() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  ::sha256_digest(&context_, digest.size(), digest.data());
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace udsd
