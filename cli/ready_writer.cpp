// Bodies of ready_writer.hpp.
#include "ready_writer.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace udsctl {
namespace {

constexpr off_t kWhereItStands = -1;

bool is_file(int descriptor) {
  struct stat status{};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

ReadyWriter::ReadyWriter(int descriptor)
    : descriptor_(descriptor), takes_all_(is_file(descriptor)) {}

ssize_t ReadyWriter::write(std::string_view bytes) const {
  if (takes_all_) return ::write(descriptor_, bytes.data(), bytes.size());
  const iovec all{const_cast<char*>(bytes.data()), bytes.size()};
  const ssize_t written = ::pwritev2(descriptor_, &all, 1, kWhereItStands, RWF_NOWAIT);
  if (written >= 0 || errno == EAGAIN) return written;
  // Terminals and, before Linux 6.4, pipes do not know the flag; of any other failure write(2) has
  // the last word. A pipe that is ready takes so much without waiting (pipe(7)).
  return ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
}

}  // namespace udsctl
