// Body of output.hpp.
#include "output.hpp"

#include "visible_text.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace udsctl {

uds::Result<void> write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // Whoever started udsctl may share a non-blocking descriptor with it.
      pollfd entry{descriptor, POLLOUT, 0};
      ::poll(&entry, 1, -1);
    } else if (errno != EINTR) {
      return uds::Error::from_errno("cannot write to standard output", errno);
    }
  }
  return {};
}

void complain(std::string_view sentence) {
  // Nowhere is left to report that standard error cannot be written.
  [[maybe_unused]] const auto result =
      write_all(STDERR_FILENO, "udsctl: " + visible(sentence) + "\n");
}

Exit output_failed(const uds::Error& error) {
  if (error.code() == std::errc::broken_pipe) return Exit::BrokenPipe;
  complain(error.message() + "; make room or direct the output elsewhere");
  return Exit::Io;
}

}  // namespace udsctl
