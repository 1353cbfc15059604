// Body of style.hpp.
#include "style.hpp"

#include "terminal.hpp"

#include <cstdlib>

namespace udsctl {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string_view sequence(Style style) {
  switch (style) {
    case Style::Good:
      return "\x1b[32m";
    case Style::Warning:
      return "\x1b[33m";
    case Style::Bad:
      return "\x1b[1;31m";
    case Style::Heading:
      return "\x1b[1m";
    case Style::Name:
      return "\x1b[36m";
    case Style::Value:
      return "\x1b[32m";
  }
  return {};
}

}  // namespace

bool wants_colour(int descriptor) {
  if (!variable("NO_COLOR").empty()) return false;
  if (const auto force = variable("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
  if (variable("CLICOLOR") == "0") return false;
  return can_move_cursor(descriptor);
}

std::string painted(std::string_view text, Style style, bool colour) {
  if (!colour) return std::string(text);
  return std::string(sequence(style)) + std::string(text) + "\x1b[0m";
}

}  // namespace udsctl
