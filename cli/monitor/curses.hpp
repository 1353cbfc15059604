// ncurses, loaded when it is wanted: the dynamic linker would look up some seventy more names of
// libc at each start of udsctl, whatever the verb, if it were linked in.
//
// With wide characters, since names may be UTF-8. Knows no screen; screen.cpp is its one user.
#pragma once

// Without the macros of curses.h, which have such names as move and clear.
#define NCURSES_NOMACROS 1
#include <curses.h>

#include <memory>

namespace udsctl {

/// The functions of ncurses that are used here, under their names.
class Curses {
 public:
  /// Loads the library for the rest of the process; null where this host has none.
  static std::unique_ptr<const Curses> load();
  /// The name of its file.
  static const char* file();

  decltype(&::newterm) newterm;
  decltype(&::endwin) endwin;
  decltype(&::delscreen) delscreen;
  decltype(&::cbreak) cbreak;
  decltype(&::noecho) noecho;
  decltype(&::keypad) keypad;
  decltype(&::nodelay) nodelay;
  decltype(&::set_escdelay) set_escdelay;
  decltype(&::curs_set) curs_set;
  decltype(&::getmaxx) getmaxx;
  decltype(&::getmaxy) getmaxy;
  decltype(&::werase) werase;
  decltype(&::wmove) wmove;
  decltype(&::wclrtoeol) wclrtoeol;
  decltype(&::waddnstr) waddnstr;
  decltype(&::wchgat) wchgat;
  decltype(&::wrefresh) wrefresh;
  decltype(&::wgetch) wgetch;
  decltype(&::stdscr) stdscr;  // the whole screen; set by newterm()

 private:
  Curses() = default;
  bool bind(void* library);
};

}  // namespace udsctl
