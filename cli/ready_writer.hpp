// Writes to a descriptor that poll(2) has called writable, so that whoever must see to something
// else, too, does not wait in write(2). Does not own the descriptor, polls nothing.
#pragma once

#include <sys/types.h>

#include <string_view>

namespace udsctl {

class ReadyWriter {
 public:
  /// Looks at what `descriptor` is.
  explicit ReadyWriter(int descriptor);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Writes the beginning of `bytes` and gives how many; else -1 with errno. EAGAIN: poll again,
  /// somebody else was faster.
  [[nodiscard]] ssize_t write(std::string_view bytes) const;

 private:
  int descriptor_;
  bool takes_all_;  // it is a file, for which nobody waits longer than the disk takes
};

}  // namespace udsctl
