// Lines from a descriptor, with a way to stop waiting for one. Owns its buffer, not the descriptor.
#pragma once

#include "uds/result.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace udsctl {

class LineReader {
 public:
  /// `interrupt` ends waiting when it becomes readable; -1 means none.
  LineReader(int descriptor, int interrupt) : descriptor_(descriptor), interrupt_(interrupt) {}

  /// The next line without its end, nothing at the end of the input. The last line needs no end.
  /// Errors: Interrupted, NotARequest for a line beyond every limit, errno.
  uds::Result<std::optional<std::string>> next();

 private:
  int descriptor_;
  int interrupt_;
  std::string buffer_;
  std::size_t begin_ = 0;    // first byte not handed out
  std::size_t scanned_ = 0;  // first byte not searched for a line end
  bool ended_ = false;
};

}  // namespace udsctl
