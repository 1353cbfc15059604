// Bodies of base64.hpp.
#include "base64.hpp"

#include <array>
#include <cstdint>

namespace uds::detail {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xFF;

constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(kNone);
  for (std::size_t at = 0; at < kDigits.size(); ++at)
    out[static_cast<unsigned char>(kDigits[at])] = static_cast<std::uint8_t>(at);
  return out;
}();

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t before = out.size();
  out.resize(before + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data() + before;
  const auto byte = [bytes](std::size_t at) -> std::uint32_t {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
  };
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t group = byte(at) << 16U | byte(at + 1) << 8U | byte(at + 2);
    *to++ = kDigits[group >> 18U];
    *to++ = kDigits[group >> 12U & 63U];
    if (at + 1 < bytes.size()) *to++ = kDigits[group >> 6U & 63U];
    if (at + 2 < bytes.size()) *to++ = kDigits[group & 63U];
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  std::string out(text.size() / 4 * 3 - padding, '\0');
  char* to = out.data();
  const auto value = [&digits](std::size_t at) -> std::uint32_t {
    return kValues[static_cast<unsigned char>(digits[at])];
  };
  const std::size_t whole = digits.size() / 4 * 4;
  for (std::size_t at = 0; at < whole; at += 4) {
    const std::uint32_t a = value(at);
    const std::uint32_t b = value(at + 1);
    const std::uint32_t c = value(at + 2);
    const std::uint32_t d = value(at + 3);
    if ((a | b | c | d) == kNone) return std::nullopt;
    const std::uint32_t group = a << 18U | b << 12U | c << 6U | d;
    *to++ = static_cast<char>(group >> 16U);
    *to++ = static_cast<char>(group >> 8U);
    *to++ = static_cast<char>(group);
  }
  if (padding == 0) return out;
  const std::uint32_t a = value(whole);
  const std::uint32_t b = value(whole + 1);
  const std::uint32_t c = padding == 1 ? value(whole + 2) : 0;
  if ((a | b | c) == kNone) return std::nullopt;
  const std::uint32_t group = a << 18U | b << 12U | c << 6U;
  // What is left over are bits that no byte has.
  if ((group & (padding == 1 ? 0xFFU : 0xFFFFU)) != 0) return std::nullopt;
  *to++ = static_cast<char>(group >> 16U);
  if (padding == 1) *to = static_cast<char>(group >> 8U);
  return out;
}

}  // namespace uds::detail
