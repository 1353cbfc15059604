// Body of read_file.hpp.
#include "read_file.hpp"

#include "visible_text.hpp"

#include "uds/fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace udsctl {
namespace {

/// No request may be longer.
constexpr std::size_t kMostBytes = std::size_t{64} << 20;

}  // namespace

uds::Result<std::string> read_file(const std::string& path, int interrupt) {
  const auto failed = [&path](int error) {
    return uds::Error::from_errno("cannot read " + visible(path), error);
  };
  const uds::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failed(errno);
  std::string content;
  std::array<char, 65'536> piece{};
  for (;;) {
    std::array<pollfd, 2> entries{pollfd{file.get(), POLLIN, 0}, pollfd{interrupt, POLLIN, 0}};
    ::poll(entries.data(), entries.size(), -1);
    if (entries[1].revents != 0) return failed(EINTR);
    const ssize_t size = ::read(file.get(), piece.data(), piece.size());
    if (size < 0 && errno != EAGAIN && errno != EINTR) return failed(errno);
    if (size == 0) return content;
    if (size > 0) content.append(piece.data(), static_cast<std::size_t>(size));
    if (content.size() > kMostBytes) return failed(EFBIG);
  }
}

}  // namespace udsctl
