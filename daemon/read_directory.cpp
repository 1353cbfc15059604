// Body of read_directory.hpp. The directory is opened once more: reading moves an offset that every
// copy of a descriptor shares.
#include "read_directory.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "uds/fd.hpp"

namespace udsd {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

}  // namespace

uds::Result<std::vector<std::string>> read_directory(int directory) {
  uds::Fd own(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, CloseDirectory> entries(own ? ::fdopendir(own.get()) : nullptr);
  if (!entries) return uds::Error::from_errno("cannot read the directory", errno);
  static_cast<void>(own.release());  // the stream closes it
  std::vector<std::string> names;
  for (;;) {
    errno = 0;  // by which the end and a failure differ
    const dirent* const entry = ::readdir(entries.get());
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  if (errno != 0) return uds::Error::from_errno("cannot read the directory", errno);
  std::ranges::sort(names);
  return names;
}

}  // namespace udsd
