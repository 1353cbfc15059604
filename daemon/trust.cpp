// Bodies of trust.hpp.
#include "trust.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "uds/error.hpp"
#include "uds/fd.hpp"

namespace udsd {

std::optional<std::string> distrust(int descriptor, uid_t owner) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0)
    return uds::Error::from_errno("cannot be examined", errno).message();
  if (status.st_uid != 0 && status.st_uid != owner)
    return "belongs to uid " + std::to_string(status.st_uid) + "; it must belong to root" +
           (owner == 0 ? "" : " or to uid " + std::to_string(owner)) + " (chown)";
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return "others may write to it; take that away (chmod go-w)";
  return std::nullopt;
}

std::optional<std::string> distrust_path(const std::string& path, uid_t owner) {
  const uds::Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (place) return distrust(place.get(), owner);
  if (errno == ENOENT) return std::nullopt;
  return uds::Error::from_errno("cannot be opened", errno).message();
}

}  // namespace udsd
