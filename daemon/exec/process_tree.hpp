// Everything that a command has started, however it hides: the descendants of this process, which
// is a sub-reaper (prctl(2)), and the members of the run's cgroup where there is one.
//
// A process that loses its parent becomes a child of this one, so none escapes by setsid(2) or a
// double fork. Signals go by pidfd, to the process that was examined and never to one that has its
// number by now.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <vector>

#include "exec/cgroup.hpp"

namespace udsd {

/// How a child ended.
struct ChildStatus {
  bool by_signal = false;
  int number = 0;  ///< the exit status, or the signal
};

class ProcessTree {
 public:
  explicit ProcessTree(std::optional<RunCgroup> cgroup) : cgroup_(std::move(cgroup)) {}

  /// Sends `number` to all of it.
  void signal(int number) const;
  /// Takes the status of every child that has ended; `ended` is told of each.
  void reap(const std::function<void(pid_t, ChildStatus)>& ended);
  /// Whether reap() has found that there are no children, and the cgroup is empty.
  [[nodiscard]] bool is_gone() const;
  /// Sends SIGKILL until nothing is left, and waits for that.
  void kill_all();

  [[nodiscard]] const std::optional<RunCgroup>& cgroup() const noexcept { return cgroup_; }

 private:
  std::optional<RunCgroup> cgroup_;
  bool childless_ = false;
};

/// The processes below `root`, without itself, from /proc.
std::vector<pid_t> descendants(pid_t root);

}  // namespace udsd
