// Foreign text made harmless for a terminal, and JSON laid out for people. Pure.
//
// What a daemon sends may carry what someone else wrote: escape sequences that rewrite the screen,
// marks that turn the direction of text. Both become visible, and within JSON mean the same as
// before.
#pragma once

#include <string>
#include <string_view>

namespace udsctl {

/// `text` with every control character, every mark that changes direction or takes no space, and
/// every byte that is not UTF-8 written as \uXXXX or \xXX. Everything else stays as it is.
std::string visible(std::string_view text);

/// JSON text on one line: line breaks and tabs between its parts become spaces.
std::string one_line(std::string_view json);

/// Valid JSON text with two spaces of indentation; keys keep their order. `colour` tells names from
/// values.
std::string pretty(std::string_view json, bool colour = false);

/// The first `columns` characters of `text`; "…" replaces the last one when something is cut off.
std::string clip(std::string_view text, std::size_t columns);

}  // namespace udsctl
