// Body of render.hpp.
#include "render.hpp"

#include "output.hpp"
#include "visible_text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace udsctl {
namespace {

constexpr std::size_t kBarWidth = 20;
constexpr std::size_t kDefaultColumns = 80;
constexpr std::string_view kEraseLine = "\r\x1b[K";

std::string bar(double current, double total) {
  const double share = std::clamp(current / total, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  const std::string percent = std::to_string(static_cast<int>(std::floor(share * 100)));
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "] " +
         std::string(3 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + "% ";
}

std::size_t columns_of_stderr() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return kDefaultColumns;
  return size.ws_col;
}

bool can_erase_lines() {
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace

std::string progress_line(const uds::Response& response, std::size_t columns) {
  std::string line;
  const auto& progress = response.progress();
  if (progress && progress->total && *progress->total > 0)
    line = bar(static_cast<double>(progress->current), static_cast<double>(*progress->total));
  line += visible(response.message());
  if (!response.data().is_null()) line += " " + visible(uds::to_json_text(response.data()));
  return clip(line, columns);
}

Renderer::Renderer(bool json) : Renderer(::isatty(STDOUT_FILENO) == 1, json, false) {
  // Progress is only shown where responses are not lines.
  if (!lines_) live_ = can_erase_lines();
}

Renderer::Renderer(bool output_is_terminal, bool lines, bool live)
    : output_is_terminal_(output_is_terminal), lines_(lines || !output_is_terminal), live_(live) {}

uds::Result<void> Renderer::show(const uds::Response& response, std::string_view text) {
  if (!lines_ && !response.final()) {
    show_progress(response);
    return {};
  }
  clear();
  std::string line = one_line(text);
  if (output_is_terminal_) line = visible(line);
  if (!lines_) line = pretty(line);
  return write_all(STDOUT_FILENO, line + "\n");
}

void Renderer::show_progress(const uds::Response& response) {
  // One column stays free: a full line would make some terminals wrap. Progress that cannot be
  // shown is no failure.
  const std::string line = progress_line(response, columns_of_stderr() - 1);
  line_shown_ = live_;
  [[maybe_unused]] const auto written =
      write_all(STDERR_FILENO, live_ ? std::string(kEraseLine) + line : line + "\n");
}

void Renderer::clear() {
  if (!std::exchange(line_shown_, false)) return;
  [[maybe_unused]] const auto written = write_all(STDERR_FILENO, kEraseLine);
}

}  // namespace udsctl
