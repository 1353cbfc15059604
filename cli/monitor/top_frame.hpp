// What udsctl top shows at one moment, as lines. Pure; every foreign text is made visible.
#pragma once

#include "monitor/sample.hpp"
#include "monitor/top_rows.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace udsctl {

enum class Look { Plain, Title, Selected, Status };

struct Line {
  std::string text;
  Look look = Look::Plain;
};

struct Frame {
  Identity identity;
  Sample now;                    // its connections in the order in which they are shown
  std::optional<Sample> before;  // for rates
  std::chrono::system_clock::time_point clock;
  SortBy sorted_by = SortBy::InFlight;
  Selection selection;
  bool paused = false;
  std::string status;
};

/// The names that stand for numbers. `process` is asked for the rows that are shown only.
struct Names {
  NameOf user;
  NameOf process;
};

struct Size {
  std::size_t columns;
  std::size_t rows;
};

/// At most `size.rows` lines of at most `size.columns` characters, so scrolled that the selected
/// connection is among them where there is room for any.
std::vector<Line> compose(const Frame& frame, const Names& names, Size size);
/// All connections, nothing selected, no status: one plain text.
std::string compose_text(const Frame& frame, const Names& names);

/// How many connections fit into `rows` rows.
std::size_t rows_for_connections(std::size_t rows);

}  // namespace udsctl
