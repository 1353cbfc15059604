// Body of shell_text.hpp.
#include "runs/shell_text.hpp"

#include <algorithm>

namespace udsctl {
namespace {

/// Whether no shell sees more in it than itself.
bool is_plain(char byte) {
  constexpr std::string_view kSigns = "_-.,:+@/=%";
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || kSigns.find(byte) != std::string_view::npos;
}

}  // namespace

std::string shell_word(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  std::string quoted = "'";
  for (const char byte : word) {
    if (byte == '\'')
      quoted += "'\\''";
    else
      quoted += byte;
  }
  return quoted + "'";
}

}  // namespace udsctl
