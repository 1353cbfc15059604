// Bodies of trust.hpp.
#include "trust.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "uds/error.hpp"
#include "uds/fd.hpp"

namespace udsd {
namespace {

/// `root_counts`: whether it may be root's, too.
std::optional<std::string> distrust_owned(int descriptor, uid_t owner, bool root_counts) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0)
    return uds::Error::from_errno("cannot be examined", errno).message();
  if (status.st_uid != owner && !(root_counts && status.st_uid == 0)) {
    const std::string right =
        owner == 0 ? "root"
                   : std::string(root_counts ? "root or uid " : "uid ") + std::to_string(owner);
    return "belongs to uid " + std::to_string(status.st_uid) + "; it must belong to " + right +
           " (chown)";
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return "others may write to it; take that away (chmod go-w)";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> distrust(int descriptor, uid_t owner) {
  return distrust_owned(descriptor, owner, true);
}

std::optional<std::string> distrust_path(const std::string& path, uid_t owner) {
  const uds::Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (place) return distrust(place.get(), owner);
  if (errno == ENOENT) return std::nullopt;
  return uds::Error::from_errno("cannot be opened", errno).message();
}

std::optional<std::string> distrust_store(int descriptor, uid_t owner) {
  return distrust_owned(descriptor, owner, false);
}

std::optional<std::string> distrust_store_at(const std::string& path, uid_t owner) {
  const uds::Fd place(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (place) return distrust_store(place.get(), owner);
  if (errno == ENOENT) return std::nullopt;
  if (errno == ENOTDIR) return "is no directory, or a symbolic link to one; put a directory there";
  return uds::Error::from_errno("cannot be opened", errno).message();
}

std::string directory_of(const std::string& path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

}  // namespace udsd
