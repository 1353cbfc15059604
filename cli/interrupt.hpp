// SIGINT and SIGTERM as a descriptor that poll(2) can watch. The second signal ends the process at
// once, status 130, and may leave some last words.
//
// There is one per process, since signal handlers are. A signal that was ignored at the start stays
// ignored (nohup).
#pragma once

#include "uds/fd.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace udsctl {

/// What the second signal writes to standard error: `before`, the number, `behind`.
struct LastWords {
  std::string before;
  std::string behind;
  std::atomic<std::uint64_t> number = 0;
};

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
  /// SIGTERM and SIGHUP end the process at once from now on, with the status 128 + their number.
  void end_at_termination();
  /// `words` must not change, but for their number, and must live as long as this; null for none.
  static void set_last_words(const LastWords* words) noexcept;

 private:
  void handle(int signal, void (*handler)(int));

  uds::Fd read_end_;
  uds::Fd write_end_;
  std::vector<int> caught_;
};

}  // namespace udsctl
