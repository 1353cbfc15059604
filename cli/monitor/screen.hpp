// The terminal as a screen of lines and a source of keys, by ncurses.
//
// Owns the terminal's state from open() to its destructor, which restores it. There is one at a
// time. Decides nothing of what is shown.
#pragma once

#include "monitor/top_frame.hpp"

#include "uds/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace udsctl {

class Curses;

enum class Key {
  None,  ///< nothing was pressed
  Other,
  Resize,  ///< no key: the terminal has another size now
  Up,
  Down,
  PageUp,
  PageDown,
  First,
  Last,
  Sort,
  Cancel,
  Yes,
  Pause,
  Help,
  Quit,
};

class Screen {
 public:
  /// Whether standard input and output are a terminal.
  static bool possible();
  /// Takes it over. Signals that are caught already stay
  /// with who caught them. The error is a sentence that says what to do.
  static uds::Result<std::unique_ptr<Screen>, std::string> open();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen();

  [[nodiscard]] Size size() const;
  /// Shows `lines`, the first in the top row, and nothing else.
  void draw(const std::vector<Line>& lines);
  /// The next key without waiting for one; standard input is readable where there is one.
  Key key();

 private:
  Screen(std::unique_ptr<const Curses> curses, void* terminal);

  const std::unique_ptr<const Curses> curses_;
  void* const terminal_;  // ncurses' SCREEN
};

}  // namespace udsctl
