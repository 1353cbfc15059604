// udsctl stats: the daemon's counters, once or again and again, as lines or laid out for a person.
#include "conversation.hpp"
#include "monitor/sample.hpp"
#include "monitor/stats_table.hpp"
#include "output.hpp"
#include "terminal.hpp"
#include "verbs/verbs.hpp"

#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>

namespace udsctl {
namespace {

constexpr std::chrono::milliseconds kInterval{1'000};
constexpr std::string_view kRequest = R"({"cmd":"stats"})";

std::string in_place(const std::vector<std::string>& lines) {
  const TerminalSize size = size_of_terminal(STDOUT_FILENO);
  return redraw(lines, size.rows, size.columns);
}

std::string one_below_the_other(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// Shows one answer as a line.
Exit show_line(Conversation& conversation) {
  const auto request = conversation.read(kRequest);
  return request ? conversation.ask(*request) : Exit::NotARequest;
}

/// Shows one answer as a table, with rates since `before`, which it replaces.
Exit show_table(Conversation& conversation, bool redrawn, std::optional<Sample>& before) {
  const auto answer = conversation.query(kRequest);
  if (!answer) return answer.error();
  Sample now = read_sample(answer->data(), nullptr, std::chrono::steady_clock::now());
  const auto lines = stats_table(now, before ? &*before : nullptr);
  before = std::move(now);
  return print(redrawn ? in_place(lines) : one_below_the_other(lines));
}

}  // namespace

Exit stats(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  Conversation conversation(options);
  const bool redrawn = options.watch && can_move_cursor(STDOUT_FILENO);
  std::optional<Sample> before;
  for (;;) {
    const Exit status = conversation.shows_lines() ? show_line(conversation)
                                                   : show_table(conversation, redrawn, before);
    if (status != Exit::Ok || !options.watch) return conversation.finish(status);
    if (conversation.rest(options.interval.value_or(kInterval)) == Exit::Interrupted)
      return conversation.finish(Exit::Interrupted);
  }
}

}  // namespace udsctl
