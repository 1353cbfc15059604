// open(2) with O_NONBLOCK, because opening a FIFO would wait for a writer before anything could be
// checked.
#include "read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "uds/fd.hpp"

namespace udsd {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{1} << 20;

}  // namespace

uds::Result<std::string> read_all(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0)
    return uds::Error::from_errno("cannot examine the file", errno);
  if (!S_ISREG(status.st_mode))
    return uds::Error(std::make_error_code(std::errc::invalid_argument), "this is no regular file");

  std::string text;
  std::array<char, 16384> piece{};
  while (text.size() <= kMostFileBytes) {
    const ssize_t size = ::read(descriptor, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return uds::Error::from_errno("cannot read the file", errno);
    if (size == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
  return uds::Error(std::make_error_code(std::errc::file_too_large),
                    "the file is larger than 1 MiB");
}

uds::Result<std::string> read_file(const std::string& path) {
  const uds::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return uds::Error::from_errno("cannot open the file", errno);
  return read_all(file.get());
}

}  // namespace udsd
