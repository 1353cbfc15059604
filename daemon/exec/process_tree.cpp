// Bodies of process_tree.hpp.
#include "exec/process_tree.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "read_directory.hpp"
#include "read_file.hpp"
#include "uds/fd.hpp"

namespace udsd {
namespace {

constexpr int kPauseMs = 5;

// By number: the header of glibc 2.36 declares them for C only.
int pidfd_open(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
}
void pidfd_send(int process, int number) {
  static_cast<void>(::syscall(SYS_pidfd_send_signal, process, number, nullptr, 0U));
}

std::optional<pid_t> parent_of(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  // "PID (NAME) STATE PPID …", where NAME may hold anything.
  const std::size_t name_end = text->rfind(')');
  if (name_end == text->npos || text->size() < name_end + 5) return std::nullopt;
  pid_t parent = 0;
  const char* const begin = text->data() + name_end + 4;
  const auto [stop, failure] = std::from_chars(begin, text->data() + text->size(), parent);
  if (failure != std::errc()) return std::nullopt;
  return parent;
}

std::map<pid_t, pid_t> all_parents() {
  std::map<pid_t, pid_t> parents;
  const uds::Fd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto names = read_directory(proc.get());
  if (!names) return parents;
  for (const std::string& name : *names) {
    pid_t pid = 0;
    const auto [stop, failure] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (failure != std::errc() || stop != name.data() + name.size()) continue;
    if (const auto parent = parent_of(pid)) parents.emplace(pid, *parent);
  }
  return parents;
}

/// Whether going up from `pid` one comes to `root`.
bool is_below(pid_t pid, pid_t root) {
  // No tree is that deep; a limit ends walks through pids that change meanwhile.
  for (int level = 0; level < 4096 && pid > 1; ++level) {
    const auto parent = parent_of(pid);
    if (!parent) return false;
    if (*parent == root) return true;
    pid = *parent;
  }
  return false;
}

}  // namespace

std::vector<pid_t> descendants(pid_t root) {
  std::map<pid_t, std::vector<pid_t>> children;
  for (const auto& [pid, parent] : all_parents()) children[parent].push_back(pid);
  std::vector<pid_t> out;
  std::vector<pid_t> open{root};
  while (!open.empty()) {
    const pid_t parent = open.back();
    open.pop_back();
    for (const pid_t child : std::exchange(children[parent], {})) {
      out.push_back(child);
      open.push_back(child);
    }
  }
  return out;
}

void ProcessTree::signal(int number) const {
  const pid_t self = ::getpid();
  std::set<pid_t> members;
  if (cgroup_)
    for (const pid_t pid : cgroup_->members()) members.insert(pid);
  const std::vector<pid_t> below = descendants(self);
  std::set<pid_t> all(members);
  all.insert(below.begin(), below.end());
  for (const pid_t pid : all) {
    const uds::Fd process(pidfd_open(pid));
    if (!process) continue;
    // Asked again now that the descriptor pins it.
    bool ours = is_below(pid, self);
    if (!ours && cgroup_) {
      const auto now = cgroup_->members();
      ours = std::ranges::find(now, pid) != now.end();
    }
    if (ours) pidfd_send(process.get(), number);
  }
  if (number == SIGKILL && cgroup_) cgroup_->kill_all();
}

void ProcessTree::reap(const std::function<void(pid_t, ChildStatus)>& ended) {
  for (;;) {
    siginfo_t info{};
    const int result = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG);
    if (result != 0 && errno == EINTR) continue;
    childless_ = result != 0 && errno == ECHILD;
    if (result != 0 || info.si_pid == 0) return;
    ended(info.si_pid, {info.si_code != CLD_EXITED, info.si_status});
  }
}

bool ProcessTree::is_gone() const {
  return childless_ && (!cgroup_ || cgroup_->is_empty());
}

void ProcessTree::kill_all() {
  for (;;) {
    reap([](pid_t, ChildStatus) {});
    if (is_gone()) return;
    signal(SIGKILL);
    static_cast<void>(::poll(nullptr, 0, kPauseMs));
  }
}

}  // namespace udsd
