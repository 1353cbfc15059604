// The cgroup of the unit that udsd-exec runs in, divided in two: `supervisor` for guardian and
// shim, `run` for the command and all that it starts. Only where the unit is our own
// (udsd-exec@….service with Delegate=yes); anywhere else there is none, and the tree of processes
// is swept instead.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "uds/fd.hpp"

namespace udsd {

class RunCgroup {
 public:
  /// Moves this process to `supervisor` and makes `run`. Nothing where there is no cgroup of ours.
  static std::optional<RunCgroup> make();

  /// Sets memory.max of the command. False: the kernel has no such limit here.
  [[nodiscard]] bool limit_memory(std::uint64_t bytes) const;
  /// An own descriptor of the file that a process joins by; close-on-exec.
  [[nodiscard]] uds::Fd joining() const;
  /// Those in it and below.
  [[nodiscard]] std::vector<pid_t> members() const;
  [[nodiscard]] bool is_empty() const;
  /// SIGKILL to all of them at once.
  void kill_all() const;

 private:
  RunCgroup() = default;

  std::string path_;  // of `run`
};

}  // namespace udsd
