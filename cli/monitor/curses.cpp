// Body of curses.hpp.
#include "monitor/curses.hpp"

#include <dlfcn.h>

namespace udsctl {
namespace {

#define UDSCTL_TEXT_OF(number) #number
#define UDSCTL_CURSES_FILE(version) "libncursesw.so." UDSCTL_TEXT_OF(version)

template <class Symbol>
bool find(void* library, const char* name, Symbol*& symbol) {
  symbol = reinterpret_cast<Symbol*>(::dlsym(library, name));
  return symbol != nullptr;
}

}  // namespace

const char* Curses::file() {
  return UDSCTL_CURSES_FILE(NCURSES_VERSION_MAJOR);
}

std::unique_ptr<const Curses> Curses::load() {
  void* const library = ::dlopen(file(), RTLD_LAZY | RTLD_LOCAL);
  std::unique_ptr<Curses> curses(new Curses());
  if (library == nullptr || !curses->bind(library)) return nullptr;
  return curses;
}

bool Curses::bind(void* library) {
  return find(library, "newterm", newterm) && find(library, "endwin", endwin) &&
         find(library, "delscreen", delscreen) && find(library, "cbreak", cbreak) &&
         find(library, "noecho", noecho) && find(library, "keypad", keypad) &&
         find(library, "nodelay", nodelay) && find(library, "set_escdelay", set_escdelay) &&
         find(library, "curs_set", curs_set) && find(library, "getmaxx", getmaxx) &&
         find(library, "getmaxy", getmaxy) && find(library, "werase", werase) &&
         find(library, "wmove", wmove) && find(library, "wclrtoeol", wclrtoeol) &&
         find(library, "waddnstr", waddnstr) && find(library, "wchgat", wchgat) &&
         find(library, "wrefresh", wrefresh) && find(library, "wgetch", wgetch) &&
         find(library, "stdscr", stdscr);
}

}  // namespace udsctl
