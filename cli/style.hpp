// Colour for people at a terminal: whether it is wanted, and the escape sequences for it.
//
// NO_COLOR (no-color.org) forbids it, CLICOLOR_FORCE (bixense.com/clicolors) demands it where
// output is laid out for people; otherwise a terminal that is not dumb gets it. Lines of JSON never
// have any.
#pragma once

#include <string>
#include <string_view>

namespace udsctl {

enum class Style { Good, Warning, Bad, Heading, Name, Value };

/// Whether what goes to `descriptor` shall have colour.
bool wants_colour(int descriptor);

/// `text` in the colour of `style`, or as it is without `colour`.
std::string painted(std::string_view text, Style style, bool colour);

}  // namespace udsctl
