// The steps from a fork to the command, and what they need: all of it is prepared before.
//
// A step that fails is reported by its name and errno, and the command is then not run.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "shared/handed_over.hpp"
#include "uds/fd.hpp"

namespace udsd {

/// What guardian, shim and child share: memory that outlives each of them.
struct SharedState {
  std::atomic<bool> started = false;       ///< the command may have begun
  std::atomic<std::int64_t> began_ms = 0;  ///< steady clock
  std::atomic<bool> recorded = false;      ///< the audit tells of the end
};
static_assert(std::atomic<bool>::is_always_lock_free);

enum class Stage : std::uint8_t {
  Prepare,
  Fork,
  Cgroup,
  Session,
  Signals,
  Umask,
  Stdin,
  Stdout,
  Stderr,
  Progress,
  Descriptors,
  Limits,
  NoNewPrivileges,
  Groups,
  GroupId,
  UserId,
  Parent,
  Directory,
  Path,
  Exec,
};
/// The word for it in result.json.
const char* to_string(Stage stage) noexcept;

/// What a child writes to its report pipe when a step fails.
struct StageFailure {
  Stage stage = Stage::Prepare;
  int error = 0;         ///< errno
  std::size_t path = 0;  ///< for Stage::Path: which of ChildPlan::paths
};

struct ChildPlan {
  struct Limit {
    __rlimit_resource_t resource;
    rlim_t value;
  };

  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  uds::Fd input, output, errors, progress, report;  ///< all above those that the command gets
  uds::Fd cgroup;                                   ///< its cgroup.procs, or none
  mode_t umask = 022;
  std::vector<Limit> limits;
  bool changes_ids = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;               ///< sorted
  mutable std::vector<gid_t> groups_seen;  ///< room for what the kernel says, as long as `groups`
  std::string directory;
  std::vector<HandedPath> paths;    ///< opened with the rights of the command
  mutable std::size_t path_at = 0;  ///< the one that is opened now
  pid_t parent = 0;
  SharedState* shared = nullptr;

  // Views of the texts above, for execve(2).
  std::vector<char*> argv;
  std::vector<char*> envp;
};

/// Runs in the child, after the fork of a process with one thread: calls nothing that is not
/// async-signal-safe, and never returns.
[[noreturn]] void run_child(const ChildPlan& plan) noexcept;

}  // namespace udsd
