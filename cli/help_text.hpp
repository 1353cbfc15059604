// What udsctl says of itself: its verbs, what one of them takes, and the text of --help, which fits
// one screen.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace udsctl {

struct VerbInfo {
  std::string_view name;
  std::string_view operands;  ///< what stands behind it, in the notation of --help
  std::string_view summary;
};
std::span<const VerbInfo> verb_table();
/// Null where there is no such verb.
const VerbInfo* find_verb(std::string_view name);

std::string_view help_text();
/// What `udsctl help VERB` prints.
std::string help_of(const VerbInfo& verb);

}  // namespace udsctl
