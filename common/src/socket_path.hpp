// Paths of Unix sockets: which are acceptable, how they become an address, and how messages show
// them.
//
// Looks at text only, but for is_same_file; opens and changes nothing.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "uds/result.hpp"

namespace uds::detail {

/// Bytes of a path that fit into sockaddr_un beside the final NUL.
inline constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

/// A path taken apart; both parts are non-empty.
struct SocketPath {
  std::string directory;  // without '/' at the end, so that O_NOFOLLOW means what it says
  std::string name;
};

/// Errors: BadPath, PathTooLong.
Result<SocketPath> split_path(const std::string& path);
/// Checks a name that begins with '@'. Errors: BadPath, PathTooLong.
Result<void> check_abstract(const std::string& path);

/// An address for bind(2) and connect(2).
struct UnixAddress {
  sockaddr_un value{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&value);
  }
};

/// `path` must be short enough and without NUL.
UnixAddress path_address(std::string_view path);
/// `path` is '@' and the name.
UnixAddress abstract_address(std::string_view path);

/// A path for a message: as it is when nothing about it is odd, otherwise quoted.
std::string show_path(std::string_view path);
/// "a directory", "a symbolic link", ...
std::string_view kind_of_file(mode_t mode);
/// The failure of a system call, and what to do about it.
Error failed_call(int errno_value, const std::string& what, std::string_view remedy);
/// InUse. `pid` 0: not known.
Error in_use(std::string_view path, pid_t pid);
bool is_same_file(const struct stat& left, const struct stat& right) noexcept;

}  // namespace uds::detail
