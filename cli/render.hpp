// Showing responses: one line of JSON each, or, for a person at a terminal, a live line and a
// laid-out result.
//
// The layout is pure functions; Renderer only decides what goes where and keeps track of the live
// line.
#pragma once

#include "uds/message.hpp"
#include "uds/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace udsctl {

/// A PROCESSING in at most `columns` characters: a bar where the total is known, the message, the
/// data.
std::string progress_line(const uds::Response& response, std::size_t columns);

class Renderer {
 public:
  /// Looks at what standard output and standard error are. `json` forces lines.
  explicit Renderer(bool json);
  /// For tests: everything decided by the caller.
  Renderer(bool output_is_terminal, bool lines, bool live);

  /// Whether each response is a line.
  [[nodiscard]] bool lines() const noexcept { return lines_; }
  /// Shows one response; `text` is what was received. The error is that of writing to standard
  /// output.
  uds::Result<void> show(const uds::Response& response, std::string_view text);
  /// Removes the live line, if there is one. Before anything else is written to standard error.
  void clear();

 private:
  void show_progress(const uds::Response& response);

  bool output_is_terminal_;
  bool lines_;
  bool live_;
  bool line_shown_ = false;
};

}  // namespace udsctl
