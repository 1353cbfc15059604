// Bodies of child.hpp. From run_child() on, only system calls.
#include "exec/child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>

namespace udsd {
namespace {

/// Each step gives errno, or 0 where it is done.
int failure_of(int result) noexcept {
  return result < 0 ? errno : 0;
}

int join_cgroup(const ChildPlan& plan) noexcept {
  if (!plan.cgroup) return 0;
  return ::write(plan.cgroup.get(), "0", 1) == 1 ? 0 : errno;
}

int begin_session(const ChildPlan& /*plan*/) noexcept {
  return failure_of(::setsid());
}

// As most kernels have it (not MIPS, which begins with the flags): what happens, flags, a restorer,
// a mask.
struct Disposition {
  unsigned long what;
  unsigned long flags;
  unsigned long restorer;
  std::uint64_t mask;
};

/// sigaction(3) does not touch the two signals that the C library keeps.
long kernel_sigaction(int number, const Disposition* now, Disposition* before) noexcept {
  constexpr std::size_t kBytesOfMask = _NSIG / 8;
  return ::syscall(SYS_rt_sigaction, number, now, before, kBytesOfMask);
}

int reset_signals(const ChildPlan& /*plan*/) noexcept {
  constexpr Disposition kUsual{};
  for (int number = 1; number < _NSIG; ++number) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    Disposition found{};
    if (kernel_sigaction(number, nullptr, &found) != 0) return errno;
    // posix_spawn(3) leaves the library's own two ignored, which exec keeps. A process with
    // threads, as the one under ThreadSanitizer, handles them, and setgroups(3) needs that; exec
    // resets it.
    const bool of_library = number > SIGSYS && number < SIGRTMIN;
    const bool ignored = found.what == reinterpret_cast<unsigned long>(SIG_IGN);
    if (of_library && !ignored) continue;
    if (kernel_sigaction(number, &kUsual, nullptr) != 0) return errno;
  }
  sigset_t none;
  ::sigemptyset(&none);
  return failure_of(::sigprocmask(SIG_SETMASK, &none, nullptr));
}

int set_umask(const ChildPlan& plan) noexcept {
  ::umask(plan.umask);
  return 0;
}

int place(int from, int to) noexcept {
  return failure_of(::dup2(from, to));
}
int place_input(const ChildPlan& plan) noexcept {
  return place(plan.input.get(), STDIN_FILENO);
}
int place_output(const ChildPlan& plan) noexcept {
  return place(plan.output.get(), STDOUT_FILENO);
}
int place_errors(const ChildPlan& plan) noexcept {
  return place(plan.errors.get(), STDERR_FILENO);
}
int place_progress(const ChildPlan& plan) noexcept {
  return place(plan.progress.get(), kProgressDescriptor);
}

/// Everything but what the command gets and the report.
int close_others(const ChildPlan& plan) noexcept {
  const auto report = static_cast<unsigned>(plan.report.get());
  const int below = ::close_range(kProgressDescriptor + 1, report - 1, 0);
  return failure_of(below < 0 ? below : ::close_range(report + 1, UINT_MAX, 0));
}

int set_limits(const ChildPlan& plan) noexcept {
  for (const ChildPlan::Limit& each : plan.limits) {
    const rlimit both{each.value, each.value};
    if (::setrlimit(each.resource, &both) != 0) return errno;
  }
  return 0;
}

int give_up_privileges(const ChildPlan& /*plan*/) noexcept {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : EPERM;
}

// What a call has set is asked for again: a kernel or a sandbox that says yes and does nothing must
// not lead to a command with too many rights.

int set_groups(const ChildPlan& plan) noexcept {
  if (!plan.changes_ids) return 0;
  const std::size_t count = plan.groups.size();
  if (::setgroups(count, plan.groups.data()) != 0) return errno;
  const int size = ::getgroups(static_cast<int>(count), plan.groups_seen.data());
  if (size < 0) return errno;
  if (static_cast<std::size_t>(size) != count) return EPERM;
  for (std::size_t at = 0; at < count; ++at)
    if (plan.groups_seen[at] != plan.groups[at]) return EPERM;
  return 0;
}

int set_gid(const ChildPlan& plan) noexcept {
  if (!plan.changes_ids) return 0;
  const gid_t gid = plan.gid;
  if (::setresgid(gid, gid, gid) != 0) return errno;
  gid_t real = 0;
  gid_t effective = 0;
  gid_t saved = 0;
  if (::getresgid(&real, &effective, &saved) != 0) return errno;
  return real == gid && effective == gid && saved == gid ? 0 : EPERM;
}

int set_uid(const ChildPlan& plan) noexcept {
  const uid_t uid = plan.uid;
  if (plan.changes_ids && ::setresuid(uid, uid, uid) != 0) return errno;
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  if (::getresuid(&real, &effective, &saved) != 0) return errno;
  return real == uid && effective == uid && saved == uid ? 0 : EPERM;
}

/// Nobody is left to watch a command whose shim is dead. A change of ids would undo this.
int follow_parent(const ChildPlan& plan) noexcept {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
  return ::getppid() == plan.parent ? 0 : ESRCH;
}

int enter_directory(const ChildPlan& plan) noexcept {
  return failure_of(::chdir(plan.directory.c_str()));
}

int open_path(const HandedPath& path) noexcept {
  const int base = ::open(path.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (base < 0) return errno;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const auto opened =
      static_cast<int>(::syscall(SYS_openat2, base, path.path.c_str(), &how, sizeof how));
  if (opened < 0) return errno;
  // `base` mostly has that number itself; what remains of the two is closed on exec.
  return failure_of(::dup2(opened, path.descriptor));
}

int open_paths(const ChildPlan& plan) noexcept {
  for (plan.path_at = 0; plan.path_at < plan.paths.size(); ++plan.path_at)
    if (const int why = open_path(plan.paths[plan.path_at]); why != 0) return why;
  return 0;
}

int execute(const ChildPlan& plan) noexcept {
  // Said before: who finds it after a crash must not believe that nothing has run.
  plan.shared->started = true;
  ::execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
  const int why = errno;
  plan.shared->started = false;
  return why;
}

struct Step {
  Stage stage;
  int (*run)(const ChildPlan&) noexcept;
};
constexpr std::array kSteps{
    Step{Stage::Cgroup, join_cgroup},
    Step{Stage::Session, begin_session},
    Step{Stage::Signals, reset_signals},
    Step{Stage::Umask, set_umask},
    Step{Stage::Stdin, place_input},
    Step{Stage::Stdout, place_output},
    Step{Stage::Stderr, place_errors},
    Step{Stage::Progress, place_progress},
    Step{Stage::Descriptors, close_others},
    Step{Stage::Limits, set_limits},
    Step{Stage::NoNewPrivileges, give_up_privileges},
    Step{Stage::Groups, set_groups},
    Step{Stage::GroupId, set_gid},
    Step{Stage::UserId, set_uid},
    Step{Stage::Parent, follow_parent},
    Step{Stage::Directory, enter_directory},
    Step{Stage::Path, open_paths},
    Step{Stage::Exec, execute},
};

}  // namespace

const char* to_string(Stage stage) noexcept {
  switch (stage) {
    case Stage::Prepare:
      return "prepare";
    case Stage::Fork:
      return "fork";
    case Stage::Cgroup:
      return "cgroup";
    case Stage::Session:
      return "session";
    case Stage::Signals:
      return "signals";
    case Stage::Umask:
      return "umask";
    case Stage::Stdin:
      return "stdin";
    case Stage::Stdout:
      return "stdout";
    case Stage::Stderr:
      return "stderr";
    case Stage::Progress:
      return "progress";
    case Stage::Descriptors:
      return "descriptors";
    case Stage::Limits:
      return "limits";
    case Stage::NoNewPrivileges:
      return "no_new_privs";
    case Stage::Groups:
      return "groups";
    case Stage::GroupId:
      return "gid";
    case Stage::UserId:
      return "uid";
    case Stage::Parent:
      return "parent";
    case Stage::Directory:
      return "cwd";
    case Stage::Path:
      return "path";
    case Stage::Exec:
      break;
  }
  return "exec";
}

void run_child(const ChildPlan& plan) noexcept {
  StageFailure failure;
  for (const Step& step : kSteps) {
    failure.stage = step.stage;
    failure.error = step.run(plan);
    failure.path = plan.path_at;
    if (failure.error != 0) break;
  }
  // Fails where the shim is gone; then nobody needs it.
  const ssize_t told = ::write(plan.report.get(), &failure, sizeof failure);
  ::_exit(told == sizeof failure ? 127 : 126);
}

}  // namespace udsd
