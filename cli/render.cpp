// Body of render.hpp.
#include "render.hpp"

#include "error_sentence.hpp"
#include "layout.hpp"
#include "output.hpp"
#include "style.hpp"
#include "terminal.hpp"
#include "visible_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace udsctl {
namespace {

using uds::Json;

constexpr std::size_t kBarWidth = 20;
constexpr std::string_view kEraseLine = "\r\x1b[K";
/// Of live lines: more would fill a small screen.
constexpr std::size_t kMostLines = 8;
constexpr std::size_t kMostColumns = 1'000;

std::string bar(double current, double total) {
  const double share = std::clamp(current / total, 0.0, 1.0);
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
  const std::string percent = std::to_string(static_cast<int>(std::floor(share * 100)));
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "] " +
         std::string(3 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + "% ";
}

/// The value that the JSON pointer (RFC 6901) leads to in `text`, or null.
std::optional<Json> find_field(std::string_view text, const std::string& pointer) {
  uds::Limits limits;  // the text has been read within the client's limits already
  limits.json_depth = limits.json_values = std::numeric_limits<std::uint32_t>::max();
  auto parsed = uds::parse_json(text, limits);
  if (!parsed) return std::nullopt;
  try {
    return parsed->at(Json::json_pointer(pointer));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

/// What an ERROR says beside its code and whether it may be repeated.
Json details_of(const uds::Response& response) {
  Json details = response.error();
  if (!details.is_object()) return nullptr;
  details.erase("code");
  details.erase("retryable");
  details.erase("did_you_mean");  // the message says it
  return details.empty() ? Json() : details;
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

std::string output_lines(const uds::Response& response, std::string_view name) {
  const uds::Output& output = *response.output();
  const std::string stream = output.stream == uds::Output::Stream::Stderr ? "stderr" : "stdout";
  std::string lines;
  for (std::string_view rest = output.bytes; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    lines.append(name).append(stream).append("  ").append(visible(rest.substr(0, end))) += '\n';
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return lines;
}

bool shows_for_people(const Options& options) {
  return options.format == Format::Automatic && ::isatty(STDOUT_FILENO) == 1;
}

Renderer::Renderer(const Options& options)
    : format_(options.format != Format::Automatic || shows_for_people(options) ? options.format
                                                                               : Format::Lines),
      field_(options.field),
      command_(command_of(options)),
      output_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      colour_(wants_colour(STDOUT_FILENO)),
      live_(for_people() && can_move_cursor(STDERR_FILENO)),
      failure_(passes_status(options.verb) ? Exit::Failed : Exit::Io) {}

Exit Renderer::put(std::string_view text) {
  const Exit written = print(text, failure_);
  broken_ = broken_ || written != Exit::Ok;
  return written;
}

Exit Renderer::show(const uds::Response& response, std::string_view text) {
  if (for_people() && !response.final() && !response.output()) {
    show_progress(response);
    return Exit::Ok;
  }
  clear();
  if (response.final()) lines_.erase(response.id());
  const Exit shown = show_response(response, text);
  draw();
  return shown;
}

Exit Renderer::show_response(const uds::Response& response, std::string_view text) {
  switch (format_) {
    case Format::Automatic:
      return show_result(response, text);
    case Format::Lines:
      return put(line_of(text) + "\n");
    case Format::Pretty:
      return put(pretty(line_of(text), colour_) + "\n");
    case Format::Array:
      return put((std::exchange(array_begun_, true) ? ",\n" : "[\n") + line_of(text));
    case Format::Field:
      return show_field(response, text);
    case Format::Nothing:
      if (response.status() == uds::Status::Error) complain_about(response, text);
      return Exit::Ok;
  }
  return Exit::Ok;
}

Exit Renderer::finish() {
  if (format_ != Format::Array || broken_) return Exit::Ok;
  return put(array_begun_ ? "\n]\n" : "[]\n");
}

void Renderer::complain_about(const uds::Response& response, std::string_view text) const {
  complain_of(response, text, name_of(response) + sentence_of(response, command_));
}

std::string Renderer::name_of(const uds::Response& response) const {
  return names_requests_ ? shown(response.id().to_json()) + ": " : std::string();
}

std::string Renderer::line_of(std::string_view json) const {
  std::string line = one_line(json);
  return output_is_terminal_ ? visible(line) : line;
}

Exit Renderer::show_result(const uds::Response& response, std::string_view text) {
  if (response.output()) return put(output_lines(response, name_of(response)));
  if (response.status() == uds::Status::Ok)
    return put(name_of(response) + visible(response.message()) + "\n" +
               lay_out(response.data(), colour_));
  complain_about(response, text);
  const std::string details = lay_out(details_of(response), wants_colour(STDERR_FILENO));
  [[maybe_unused]] const auto written = write_all(STDERR_FILENO, details);
  return Exit::Ok;
}

Exit Renderer::show_field(const uds::Response& response, std::string_view text) {
  const auto value = find_field(text, field_);
  const bool seen = response.final() ? field_seen_.erase(response.id()) > 0 : false;
  if (value && !response.final()) field_seen_.insert(response.id());
  if (value) {
    std::string bare = value->is_string() ? value->get<std::string>() : uds::to_json_text(*value);
    return put((output_is_terminal_ ? visible(bare) : std::move(bare)) + "\n");
  }
  if (!response.final()) return Exit::Ok;
  if (response.status() == uds::Status::Error) {
    complain_about(response, text);
  } else if (!seen) {
    return fail(Exit::NoField,
                "no response has a " + field_ + "; udsctl --json=pretty shows what they have");
  }
  return Exit::Ok;
}

void Renderer::show_progress(const uds::Response& response) {
  if (!live_) {
    // Progress that cannot be shown is no failure.
    [[maybe_unused]] const auto written = write_all(
        STDERR_FILENO, progress_line(response, size_of_terminal(STDERR_FILENO).columns - 1) + "\n");
    return;
  }
  lines_[response.id()] = progress_line(response, kMostColumns);
  draw();
}

std::string Renderer::erasure() const {
  if (shown_ <= 1) return std::string(kEraseLine);
  return "\r\x1b[" + std::to_string(shown_ - 1) + "A\x1b[J";
}

void Renderer::draw() {
  if (lines_.empty()) return;
  std::string text = erasure();
  // One column stays free: a full line would make some terminals wrap. What is more than fits has
  // to wait for its turn.
  const TerminalSize size = size_of_terminal(STDERR_FILENO);
  const std::size_t columns = size.columns - 1;
  const std::size_t most = std::min(kMostLines, size.rows - 1);
  shown_ = 0;
  for (const auto& [id, line] : lines_) {
    if (shown_ == most) break;
    const std::string name = lines_.size() == 1 ? "" : shown(id.to_json()) + ": ";
    text += (shown_++ == 0 ? "" : "\n") + clip(name + line, columns);
  }
  [[maybe_unused]] const auto written = write_all(STDERR_FILENO, text);
}

void Renderer::clear() {
  if (shown_ == 0) return;
  [[maybe_unused]] const auto written = write_all(STDERR_FILENO, erasure());
  shown_ = 0;
}

}  // namespace udsctl
