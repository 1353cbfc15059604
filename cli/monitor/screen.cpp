// Body of screen.hpp.
#include "monitor/screen.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "monitor/curses.hpp"
#include "visible_text.hpp"

namespace udsctl {
namespace {

constexpr std::array kKeys{
    std::pair{KEY_UP, Key::Up},        std::pair{int{'k'}, Key::Up},
    std::pair{KEY_DOWN, Key::Down},    std::pair{int{'j'}, Key::Down},
    std::pair{KEY_PPAGE, Key::PageUp}, std::pair{KEY_NPAGE, Key::PageDown},
    std::pair{KEY_HOME, Key::First},   std::pair{KEY_END, Key::Last},
    std::pair{int{'s'}, Key::Sort},    std::pair{int{'c'}, Key::Cancel},
    std::pair{KEY_F(9), Key::Cancel},  std::pair{int{'y'}, Key::Yes},
    std::pair{int{' '}, Key::Pause},   std::pair{int{'p'}, Key::Pause},
    std::pair{int{'?'}, Key::Help},    std::pair{int{'h'}, Key::Help},
    std::pair{int{'q'}, Key::Quit},    std::pair{KEY_RESIZE, Key::Resize},
    std::pair{ERR, Key::None},
};

attr_t attributes_of(Look look) {
  switch (look) {
    case Look::Title:
      return A_BOLD | A_UNDERLINE;
    case Look::Selected:
      return A_REVERSE;
    case Look::Status:
      return A_BOLD;
    case Look::Plain:
      break;
  }
  return A_NORMAL;
}

}  // namespace

bool Screen::possible() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
}

uds::Result<std::unique_ptr<Screen>, std::string> Screen::open() {
  auto curses = Curses::load();
  if (!curses)
    return std::string("top needs ") + Curses::file() + "; install ncurses, or use top --once";
  std::setlocale(LC_CTYPE, "");
  SCREEN* const terminal = curses->newterm(nullptr, stdout, stdin);
  if (terminal == nullptr) {
    const char* const name = std::getenv("TERM");
    return "top cannot use a terminal of the type \"" + visible(name == nullptr ? "" : name) +
           "\"; set TERM, or use top --once";
  }
  return std::unique_ptr<Screen>(new Screen(std::move(curses), terminal));
}

Screen::Screen(std::unique_ptr<const Curses> curses, void* terminal)
    : curses_(std::move(curses)), terminal_(terminal) {
  WINDOW* const whole = *curses_->stdscr;
  curses_->cbreak();
  curses_->noecho();
  curses_->keypad(whole, true);
  curses_->nodelay(whole, true);
  curses_->set_escdelay(25);  // ms: the bytes of one key come together
  curses_->curs_set(0);
}

Screen::~Screen() {
  curses_->endwin();
  curses_->delscreen(static_cast<SCREEN*>(terminal_));
}

Size Screen::size() const {
  WINDOW* const whole = *curses_->stdscr;
  return {static_cast<std::size_t>(std::max(curses_->getmaxx(whole), 1)),
          static_cast<std::size_t>(std::max(curses_->getmaxy(whole), 1))};
}

void Screen::draw(const std::vector<Line>& lines) {
  WINDOW* const whole = *curses_->stdscr;
  curses_->werase(whole);
  int row = 0;
  for (const Line& line : lines) {
    // A line of wide characters may have run into this row.
    curses_->wmove(whole, row, 0);
    curses_->wclrtoeol(whole);
    curses_->waddnstr(whole, line.text.data(), static_cast<int>(line.text.size()));
    curses_->wmove(whole, row, 0);
    curses_->wchgat(whole, -1, attributes_of(line.look), 0, nullptr);
    ++row;
  }
  curses_->wrefresh(whole);
}

Key Screen::key() {
  const int pressed = curses_->wgetch(*curses_->stdscr);
  const auto* const found = std::ranges::find(kKeys, pressed, &decltype(kKeys)::value_type::first);
  return found == kKeys.end() ? Key::Other : found->second;
}

}  // namespace udsctl
