// Bodies of file_mode.hpp.
#include "file_mode.hpp"

#include <charconv>
#include <system_error>

namespace udsd {

std::optional<mode_t> parse_mode(std::string_view text) {
  if (text.size() == 4 && text.front() == '0') text.remove_prefix(1);
  if (text.size() != 3) return std::nullopt;
  mode_t mode = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (failure != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return mode;
}

std::string format_mode(mode_t mode) {
  std::string text = "0000";
  for (std::size_t digit = text.size(); digit-- > 0; mode >>= 3)
    text[digit] = static_cast<char>('0' + (mode & 7U));
  return text;
}

}  // namespace udsd
