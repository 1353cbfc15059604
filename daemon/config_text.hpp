// Looks over the text of a configuration file before the TOML parser sees it.
//
// toml++ 3.3 goes wrong on control characters, and on some characters outside ASCII that stand
// where it expects a key or a value. Neither is needed in such a file: TOML writes them as \uXXXX.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace udsd {

/// A byte that may not stand where it does. Line and column count from 1, the column in bytes.
struct TextFault {
  std::size_t line;
  std::size_t column;
  std::string reason;
};

/// The first fault of `text`. Only comments may hold characters outside ASCII.
std::optional<TextFault> find_text_fault(std::string_view text);

}  // namespace udsd
