// Bodies of cgroup.hpp (cgroups(7), Documentation/admin-guide/cgroup-v2.rst of the kernel).
#include "exec/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "read_file.hpp"

namespace udsd {
namespace {

bool write_to(const std::string& path, std::string_view text) {
  const uds::Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// Where this process's cgroup is, if it is that of an instance of our unit; empty else.
std::string own_unit() {
  const auto text = read_file("/proc/self/cgroup");
  if (!text) return {};
  const std::size_t line = text->find("0::/");
  if (line == text->npos || (line > 0 && (*text)[line - 1] != '\n')) return {};
  const std::size_t begin = line + 3;
  const std::string path = text->substr(begin, text->find('\n', begin) - begin);
  const std::string unit = path.substr(path.rfind('/') + 1);
  if (!unit.starts_with("udsd-exec@") || !unit.ends_with(".service")) return {};
  // The second where a host still has the controllers of version 1.
  for (const char* root : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
    if (::access((root + path + "/cgroup.procs").c_str(), W_OK) == 0) return root + path;
  return {};
}

void add_members(const std::string& file, std::vector<pid_t>& out) {
  const auto text = read_file(file);
  if (!text) return;
  const char* at = text->data();
  const char* const end = at + text->size();
  while (at < end) {
    pid_t pid = 0;
    const auto [stop, failure] = std::from_chars(at, end, pid);
    if (failure != std::errc()) return;
    if (pid > 0) out.push_back(pid);  // 0: in another pid namespace
    at = stop + 1;
  }
}

}  // namespace

std::optional<RunCgroup> RunCgroup::make() {
  const std::string unit = own_unit();
  if (unit.empty()) return std::nullopt;
  const std::string supervisor = unit + "/supervisor";
  RunCgroup made;
  made.path_ = unit + "/run";
  if (::mkdir(supervisor.c_str(), 0755) != 0 || !write_to(supervisor + "/cgroup.procs", "0") ||
      ::mkdir(made.path_.c_str(), 0755) != 0)
    return std::nullopt;
  // Fails where the unit has not got the controller; limit_memory() then says so.
  static_cast<void>(write_to(unit + "/cgroup.subtree_control", "+memory"));
  return made;
}

bool RunCgroup::limit_memory(std::uint64_t bytes) const {
  return write_to(path_ + "/memory.max", std::to_string(bytes));
}

uds::Fd RunCgroup::joining() const {
  return uds::Fd(::open((path_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
}

std::vector<pid_t> RunCgroup::members() const {
  std::vector<pid_t> out;
  add_members(path_ + "/cgroup.procs", out);
  std::error_code failure;
  std::filesystem::recursive_directory_iterator below(path_, failure);
  for (; !failure && below != std::filesystem::recursive_directory_iterator();
       below.increment(failure)) {
    std::error_code ignored;
    if (below->is_directory(ignored)) add_members(below->path() / "cgroup.procs", out);
  }
  return out;
}

bool RunCgroup::is_empty() const {
  const auto events = read_file(path_ + "/cgroup.events");
  return !events || events->find("populated 1") == events->npos;
}

void RunCgroup::kill_all() const {
  static_cast<void>(write_to(path_ + "/cgroup.kill", "1"));
}

}  // namespace udsd
