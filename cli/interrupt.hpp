// SIGINT and SIGTERM as a descriptor that poll(2) can watch. The second signal ends the process at
// once, status 130.
//
// There is one per process, since signal handlers are. A signal that was ignored at the start stays
// ignored (nohup).
#pragma once

#include "uds/fd.hpp"

#include <vector>

namespace udsctl {

class Interrupt {
 public:
  /// Installs the handlers. Without descriptors to spare the signals keep their meaning and
  /// descriptor() is -1.
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  /// Readable once a signal has arrived, until acknowledge().
  [[nodiscard]] int descriptor() const noexcept { return read_end_.get(); }
  void acknowledge() noexcept;

 private:
  uds::Fd read_end_;
  uds::Fd write_end_;
  std::vector<int> caught_;
};

}  // namespace udsctl
