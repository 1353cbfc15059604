// Checks and words for socket paths; see socket_path.hpp.
#include "socket_path.hpp"

#include <unistd.h>

#include <algorithm>

#include "uds/log.hpp"

namespace uds::detail {
namespace {

constexpr std::size_t kShownPath = 256;  // log_quote cuts there, too

bool has_nul(std::string_view path) {
  return path.find('\0') != std::string_view::npos;
}

Error too_long(std::string_view path, std::size_t bytes, std::string_view what) {
  return {Errc::PathTooLong, "the " + std::string(what) + " has " + std::to_string(bytes) +
                                 " bytes, the system allows " + std::to_string(kLongestPath) +
                                 ": " + show_path(path) + "; choose a shorter one"};
}

}  // namespace

Result<SocketPath> split_path(const std::string& path) {
  if (path.empty()) return Error(Errc::BadPath, "the socket path is empty; give an absolute path");
  if (has_nul(path))
    return Error(Errc::BadPath, "the socket path contains a NUL byte: " + show_path(path) +
                                    "; remove it from the path");
  if (path.front() == '@')
    return Error(Errc::BadPath, show_path(path) + " names an abstract socket, which no file " +
                                    "permission protects; give a path that begins with /");
  if (path.front() != '/')
    return Error(Errc::BadPath, "the socket path is relative: " + show_path(path) +
                                    "; give a path that begins with /");
  if (path.size() > kLongestPath) return too_long(path, path.size(), "path");

  const std::size_t slash = path.rfind('/');
  SocketPath parts{path.substr(0, slash), path.substr(slash + 1)};
  if (parts.name.empty() || parts.name == "." || parts.name == "..")
    return Error(Errc::BadPath, "the socket path names a directory: " + show_path(path) +
                                    "; add the name of the socket");
  while (!parts.directory.empty() && parts.directory.back() == '/') parts.directory.pop_back();
  if (parts.directory.empty()) parts.directory = "/";
  return parts;
}

Result<void> check_abstract(const std::string& path) {
  if (path.size() < 2)
    return Error(Errc::BadPath, "the abstract socket has no name; write one after the @");
  if (has_nul(path))
    return Error(Errc::BadPath, "the abstract name contains a NUL byte: " + show_path(path) +
                                    "; remove it from the name");
  if (path.size() - 1 > kLongestPath) return too_long(path, path.size() - 1, "abstract name");
  return {};
}

UnixAddress path_address(std::string_view path) {
  UnixAddress address;
  address.value.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.value.sun_path);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

UnixAddress abstract_address(std::string_view path) {
  UnixAddress address = path_address(path.substr(1));
  std::copy_backward(address.value.sun_path, address.value.sun_path + path.size() - 1,
                     address.value.sun_path + path.size());
  address.value.sun_path[0] = '\0';
  return address;
}

std::string show_path(std::string_view path) {
  const bool odd = path.size() > kShownPath || std::any_of(path.begin(), path.end(), [](char byte) {
                     return byte <= ' ' || byte >= 0x7F || byte == '"' || byte == '\\';
                   });
  return odd || path.empty() ? log_quote(path) : std::string(path);
}

std::string_view kind_of_file(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a directory";
    case S_IFLNK:
      return "a symbolic link";
    case S_IFIFO:
      return "a FIFO";
    case S_IFCHR:
      return "a character device";
    case S_IFBLK:
      return "a block device";
    case S_IFSOCK:
      return "a socket";
    default:
      return "an object of unknown kind";
  }
}

Error failed_call(int errno_value, const std::string& what, std::string_view remedy) {
  const Error plain = Error::from_errno(what, errno_value);
  return {plain.code(), plain.message() + "; " + std::string(remedy)};
}

Error in_use(std::string_view path, pid_t pid) {
  const std::string who = pid == ::getpid() ? "this process"
                          : pid > 0         ? "another process (pid " + std::to_string(pid) + ")"
                                            : "another process";
  return {Errc::InUse,
          who + " serves this socket: " + show_path(path) + "; stop it or choose another path"};
}

bool is_same_file(const struct stat& left, const struct stat& right) noexcept {
  return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

}  // namespace uds::detail
