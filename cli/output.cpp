// Body of output.hpp.
#include "output.hpp"

#include "style.hpp"
#include "visible_text.hpp"

#include "uds/json.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace udsctl {
namespace {

/// Of the process, like standard error itself.
bool json_wanted = false;
/// Whether SIGPIPE had its usual meaning when udsctl began.
bool ends_by_broken_pipe = false;

/// A line of JSON; a terminal must not obey what stands in it.
std::string json_line(std::string_view json) {
  return (::isatty(STDERR_FILENO) == 1 ? visible(json) : std::string(json)) + "\n";
}

std::string text_line(std::string_view sentence) {
  return painted("udsctl:", Style::Bad, wants_colour(STDERR_FILENO)) + " " + visible(sentence) +
         "\n";
}

}  // namespace

void write_to_stderr(std::string_view text) {
  [[maybe_unused]] const auto result = write_all(STDERR_FILENO, text);
}

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

Exit print(std::string_view text, Exit failure) {
  const auto written = write_all(STDOUT_FILENO, text);
  return written ? Exit::Ok : output_failed(written.error(), failure);
}

void outlive_broken_pipes() {
  ends_by_broken_pipe = std::signal(SIGPIPE, SIG_IGN) == SIG_DFL;
}

void speak_json() {
  json_wanted = true;
}

std::string complaint(std::string_view sentence) {
  if (!json_wanted) return text_line(sentence);
  std::string line = R"({"message":)";
  uds::append_json_string(line, sentence);
  return json_line(line + "}");
}

void complain(std::string_view sentence) {
  write_to_stderr(complaint(sentence));
}

Exit fail(Exit status, std::string_view sentence) {
  if (!json_wanted) {
    write_to_stderr(text_line(sentence));
    return status;
  }
  std::string line = R"({"status":"ERROR","message":)";
  uds::append_json_string(line, sentence);
  line += R"(,"error":{"code":")" + std::string(code_of(status)) + R"(","exit":)" +
          std::to_string(static_cast<int>(status)) + "}}";
  write_to_stderr(json_line(line));
  return status;
}

void complain_of(const uds::Response& response, std::string_view text, std::string_view sentence) {
  write_to_stderr(
      json_wanted ? json_line(one_line(text))
                  : text_line(std::string(sentence) + " (" + std::string(response.code()) + ")"));
}

Exit output_failed(const uds::Error& error, Exit status) {
  if (error.code() == std::errc::broken_pipe) {
    if (ends_by_broken_pipe) {
      std::signal(SIGPIPE, SIG_DFL);
      std::raise(SIGPIPE);
    }
    return Exit::BrokenPipe;
  }
  return fail(status, error.message() + "; make room or direct the output elsewhere");
}

}  // namespace udsctl
