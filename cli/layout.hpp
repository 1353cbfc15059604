// JSON laid out for people: names and values in columns, lists of objects as tables. Pure.
//
// Everything is made visible first, so that what a daemon sends cannot move the cursor.
#pragma once

#include "uds/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

/// Valid JSON text with two spaces of indentation; keys keep their order. `colour` tells names from
/// values.
std::string pretty(std::string_view json, bool colour = false);

/// `text` with spaces behind it, or before it, up to `width` columns; never cut.
std::string padded(std::string text, std::size_t width);
std::string padded_left(std::string text, std::size_t width);

/// Cells in columns that are as wide as they need to be, two spaces between them. Columns of
/// numbers stand to the right. A cell is text that may be shown as it is.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : heading_(std::move(heading)) {}
  /// Missing cells are empty.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Lines with `indent` spaces before them. No heading where all of it is empty.
  [[nodiscard]] std::string text(bool colour, std::size_t indent = 0) const;

 private:
  std::vector<std::string> heading_;
  std::vector<std::vector<std::string>> rows_;
};

/// A value as a person reads it: a text without quotes, anything else as JSON on one line.
std::string shown(const uds::Json& value);
/// `data` as lines, each with its end; nothing for null.
std::string lay_out(const uds::Json& data, bool colour);

}  // namespace udsctl
