// Lines from a descriptor, with a way to stop waiting for one. Owns its buffer, not the descriptor.
#pragma once

#include "uds/result.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace udsctl {

/// Whether a line holds nothing.
bool is_blank(const std::string& line);

class LineReader {
 public:
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  /// The next line without its end, if it has been read; the last one needs no end.
  std::optional<std::string> take();
  /// One read, which waits unless there is something. Errors: NotARequest for a line beyond every
  /// limit, errno.
  uds::Result<void> fill();
  /// Nothing more comes: not even from fill().
  [[nodiscard]] bool ended() const noexcept { return ended_ && begin_ == buffer_.size(); }

  /// The next line, nothing at the end of the input. `interrupt` ends waiting when it becomes
  /// readable; -1 means none. Errors: Interrupted, and those of fill().
  uds::Result<std::optional<std::string>> next(int interrupt);

 private:
  int descriptor_;
  std::string buffer_;
  std::size_t begin_ = 0;    // first byte not handed out
  std::size_t scanned_ = 0;  // first byte not searched for a line end
  bool ended_ = false;
};

}  // namespace udsctl
