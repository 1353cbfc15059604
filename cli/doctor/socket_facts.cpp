// Bodies of socket_facts.hpp.
//
// The path is followed by hand, link by link, since the kernel says no more than an errno: not
// which directory is closed, or where a link leads to.
#include "doctor/socket_facts.hpp"

#include "read_file.hpp"

#include "uds/client.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdio>
#include <deque>
#include <utility>

namespace udsctl {
namespace {

using Clock = std::chrono::steady_clock;

/// As many as the kernel follows (path_resolution(7)).
constexpr int kMostLinks = 40;

Place look_at(const std::string& path) {
  Place place{path};
  struct stat file{};
  if (::lstat(path.c_str(), &file) != 0) {
    place.error = errno;
    return place;
  }
  place.mode = file.st_mode;
  place.owner = file.st_uid;
  place.group = file.st_gid;
  place.searchable =
      S_ISDIR(file.st_mode) && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
  return place;
}

/// The parts of `text` between separators; none is empty. (Streams would bring the locales of the
/// C++ library into the program, which costs each start.)
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// Puts the parts of `path` before those of `rest`.
void prepend(std::deque<std::string>& rest, const std::string& path) {
  auto parts = split(path, '/');
  std::erase(parts, ".");
  rest.insert(rest.begin(), parts.begin(), parts.end());
}

std::string parent_of(const std::string& directory) {
  return directory.find('/', 1) == std::string::npos ? "/"
                                                     : directory.substr(0, directory.rfind('/'));
}

std::string target_of(const std::string& link) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string user_name(uid_t uid) {
  const passwd* const entry = ::getpwuid(uid);
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

bool in_session(gid_t group) {
  if (::getegid() == group) return true;
  // One more than there are: never none, for which getgroups(2) would count again.
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)) + 1);
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  const auto end = groups.begin() + std::max(count, 0);
  return std::find(groups.begin(), end, group) != end;
}

Access access_to(const Place& socket) {
  Access access;
  access.allowed = ::faccessat(AT_FDCWD, socket.path.c_str(), W_OK, AT_EACCESS) == 0;
  access.mode = socket.mode & 07777;
  access.owner = user_name(socket.owner);
  access.caller = user_name(::geteuid());
  access.group = std::to_string(socket.group);
  access.root_group = socket.group == 0;
  access.in_session = in_session(socket.group);
  if (const passwd* const caller = ::getpwuid(::geteuid()))
    access.listed = caller->pw_gid == socket.group;
  if (const struct group* const entry = ::getgrgid(socket.group)) {
    access.group = entry->gr_name;
    for (char** member = entry->gr_mem; *member != nullptr; ++member)
      access.listed = access.listed || access.caller == *member;
  }
  return access;
}

/// To take the lock, if only for a moment, could keep a daemon from starting; this disturbs nobody.
std::optional<pid_t> holder_of(const std::string& lock_path) {
  struct stat file{};
  if (::lstat(lock_path.c_str(), &file) != 0) return std::nullopt;
  const auto locks = read_file("/proc/locks", -1);
  return locks ? lock_holder(*locks, file.st_dev, file.st_ino) : std::nullopt;
}

}  // namespace

Route follow(const std::string& path) {
  Route route;
  const auto stop = [&route](int error) {
    route.end.error = error;
    return route;
  };
  std::deque<std::string> rest;
  prepend(rest, path);
  std::string here;  // the directory that the next name is in, without links; empty for the root
  int links = 0;
  for (route.end = look_at("/"); !rest.empty();) {
    if (!S_ISLNK(route.end.mode)) {
      if (!S_ISDIR(route.end.mode)) return stop(ENOTDIR);
      route.directories.push_back(route.end);
      if (!route.end.searchable) return stop(EACCES);
    }
    const std::string next =
        rest.front() == ".." ? parent_of(here) : std::string(here).append("/").append(rest.front());
    rest.pop_front();
    route.end = look_at(next);
    route.complete = rest.empty();
    if (route.end.error != 0) return route;
    if (!S_ISLNK(route.end.mode)) {
      here = route.end.path == "/" ? "" : route.end.path;
      continue;
    }
    if (++links > kMostLinks) return stop(ELOOP);
    route.linked = route.linked || rest.empty();
    const std::string target = target_of(route.end.path);
    if (target.starts_with('/')) here.clear();
    prepend(rest, target);
  }
  return route;
}

std::optional<pid_t> lock_holder(std::string_view locks, dev_t device, ino_t inode) {
  char file[64];
  std::snprintf(file, sizeof file, "%02x:%02x:%llu", ::major(device), ::minor(device),
                static_cast<unsigned long long>(inode));
  for (const std::string_view line : split(locks, '\n')) {
    // Number, kind, strength, type, pid, file, and the range.
    const auto fields = split(line, ' ');
    if (fields.size() < 6 || fields[1] != "FLOCK" || fields[5] != file) continue;
    pid_t pid = 0;
    std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), pid);
    if (pid > 0) return pid;
  }
  return std::nullopt;
}

Facts gather(const std::string& path, const Options& options, std::chrono::milliseconds timeout) {
  uds::ClientOptions how;
  how.with_connect_timeout(timeout).with_call_timeout(timeout).with_half_close(options.half_close);
  how.server_uids = options.server_uids;
  const auto begin = Clock::now();
  Facts facts(path, uds::call(path, uds::Request("ping"), {}, how));
  facts.took = std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - begin);
  if (facts.ping && facts.ping->status() == uds::Status::Ok)
    facts.hello = uds::call(path, uds::Request("hello"), {}, how);

  facts.route = follow(path);
  const Place& end = facts.route.end;
  if (facts.route.complete && end.error == 0 && S_ISSOCK(end.mode)) {
    facts.access = access_to(end);
    facts.lock_holder = holder_of(end.path + ".lock");
  }
  return facts;
}

}  // namespace udsctl
