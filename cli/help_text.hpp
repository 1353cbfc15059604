// What udsctl says of itself: its verbs, and the text of --help, which fits one screen.
#pragma once

#include <span>
#include <string_view>

namespace udsctl {

struct VerbInfo {
  std::string_view name;
  std::string_view summary;
};
std::span<const VerbInfo> verb_table();

std::string_view help_text();

}  // namespace udsctl
