// Foreign text made harmless for a terminal, and fitted to its columns. Pure.
//
// What a daemon sends may carry what someone else wrote: escape sequences that rewrite the screen,
// marks that turn the direction of text. Both become visible, and within JSON mean the same as
// before.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace udsctl {

/// `text` with every control character, every mark that changes direction or takes no space, and
/// every byte that is not UTF-8 written as \uXXXX or \xXX. Everything else stays as it is.
std::string visible(std::string_view text);

/// JSON text on one line: line breaks and tabs between its parts become spaces.
std::string one_line(std::string_view json);

/// How many columns of a terminal `text` takes, which is visible.
std::size_t width_of(std::string_view text);

/// As much of `text` as fits `columns` columns of a terminal; "…" is at its end when something is
/// cut off.
std::string clip(std::string_view text, std::size_t columns);

}  // namespace udsctl
