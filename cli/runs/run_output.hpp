// What a run writes, passed on byte for byte; and what there is to tell of the run, which goes to
// standard error only where that is a terminal: else it would mix with what the command writes.
//
// Writes at once and holds nothing back. Knows nothing of runs and connections.
#pragma once

#include "ready_writer.hpp"
#include "uds/message.hpp"
#include "uds/result.hpp"

#include <cstddef>
#include <string_view>

namespace udsctl {

class RunOutput {
 public:
  /// Looks at what standard output and standard error are.
  RunOutput();

  /// Writes the beginning of `bytes` as soon as its stream takes some, and gives how many. What
  /// standard error refuses counts as written. Errors: Interrupted when `interrupt` (a descriptor,
  /// -1 for none) became readable first; errno of standard output.
  uds::Result<std::size_t> write_some(uds::Output::Stream stream, std::string_view bytes,
                                      int interrupt);
  /// A line on a terminal.
  void tell(std::string_view sentence);
  /// A live line on a terminal, until something else is shown.
  void show_progress(uds::Response response);
  /// Removes the live line. Before anything else is written to standard error.
  void clear();
  /// Whether tell() shows anything.
  [[nodiscard]] bool tells() const noexcept { return tells_; }

 private:
  ReadyWriter output_;
  ReadyWriter error_;
  bool tells_;
  bool live_;
  bool output_is_terminal_;
  bool line_shown_ = false;
  bool at_line_start_ = true;  // the last that was written to a terminal was a whole line
};

}  // namespace udsctl
