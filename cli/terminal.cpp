// Body of terminal.hpp.
#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace udsctl {

bool can_move_cursor(int descriptor) {
  const char* const type = std::getenv("TERM");
  const std::string_view name = type == nullptr ? "" : type;
  return ::isatty(descriptor) == 1 && !name.empty() && name != "dumb";
}

TerminalSize size_of_terminal(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row < 2 || size.ws_col < 2)
    return {24, 80};
  return {size.ws_row, size.ws_col};
}

}  // namespace udsctl
