// Bodies of run_id.hpp.
#include "shared/run_id.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace udsd {
namespace {

constexpr int kTimeDigits = 12;
constexpr int kRandomDigits = 8;

void append_hex(std::string& out, std::uint64_t value, int digits) {
  for (int at = digits - 1; at >= 0; --at) out += "0123456789abcdef"[(value >> (4 * at)) & 0xF];
}

}  // namespace

bool is_run_id(std::string_view text) noexcept {
  return text.size() == kTimeDigits + kRandomDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string make_run_id(std::chrono::system_clock::time_point now) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  std::uint32_t random = 0;
  // Less than 256 bytes are never cut short (getrandom(2)).
  if (::getrandom(&random, sizeof random, 0) != sizeof random)
    throw std::system_error(errno, std::generic_category(), "getrandom");
  std::string out;
  append_hex(out, static_cast<std::uint64_t>(since.count()), kTimeDigits);
  append_hex(out, random, kRandomDigits);
  return out;
}

}  // namespace udsd
