// What a terminal can do, and how large it is. Changes nothing.
#pragma once

#include <cstddef>

namespace udsctl {

struct TerminalSize {
  std::size_t rows;
  std::size_t columns;
};

/// Whether `descriptor` is a terminal that knows more than to write one line below the other.
bool can_move_cursor(int descriptor);
/// At least 2 by 2; 24 rows of 80 columns where nobody knows.
TerminalSize size_of_terminal(int descriptor);

}  // namespace udsctl
