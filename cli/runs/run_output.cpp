// Body of run_output.hpp.
#include "runs/run_output.hpp"

#include "output.hpp"
#include "render.hpp"
#include "terminal.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace udsctl {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

RunOutput::RunOutput()
    : output_(STDOUT_FILENO),
      error_(STDERR_FILENO),
      tells_(::isatty(STDERR_FILENO) == 1),
      live_(can_move_cursor(STDERR_FILENO)),
      output_is_terminal_(::isatty(STDOUT_FILENO) == 1) {}

uds::Result<std::size_t> RunOutput::write_some(uds::Output::Stream stream, std::string_view bytes,
                                               int interrupt) {
  const bool error = stream == uds::Output::Stream::Stderr;
  const ReadyWriter& to = error ? error_ : output_;
  const bool terminal = error ? tells_ : output_is_terminal_;
  if (terminal) clear();
  for (;;) {
    std::array<pollfd, 2> entries{pollfd{to.descriptor(), POLLOUT, 0},
                                  pollfd{interrupt, POLLIN, 0}};
    if (::poll(entries.data(), entries.size(), -1) < 0) continue;
    if (entries[1].revents != 0) return uds::Errc::Interrupted;
    const ssize_t written = to.write(bytes);
    if (written > 0) {
      const auto count = static_cast<std::size_t>(written);
      if (terminal) at_line_start_ = bytes[count - 1] == '\n';
      return count;
    }
    if (errno == EAGAIN || errno == EINTR) continue;
    // Whoever closes standard error does not want it; the command is not to suffer for that.
    if (error) return bytes.size();
    return uds::Error::from_errno("cannot write to standard output", errno);
  }
}

void RunOutput::tell(std::string_view sentence) {
  if (!tells_) return;
  clear();
  if (!std::exchange(at_line_start_, true)) write_to_stderr("\n");
  complain(sentence);
}

void RunOutput::show_progress(uds::Response response) {
  // A live line would erase the line that the command has begun.
  if (!live_ || !at_line_start_) return;
  line_shown_ = true;
  response.with_data(nullptr);  // the number of the event is nobody's to read
  write_to_stderr(std::string(kEraseLine) +
                  progress_line(response, size_of_terminal(STDERR_FILENO).columns - 1));
}

void RunOutput::clear() {
  if (std::exchange(line_shown_, false)) write_to_stderr(kEraseLine);
}

}  // namespace udsctl
