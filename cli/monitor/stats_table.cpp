// Body of stats_table.hpp.
#include "monitor/stats_table.hpp"

#include "layout.hpp"
#include "monitor/figures.hpp"
#include "monitor/rates.hpp"
#include "visible_text.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace udsctl {
namespace {

constexpr std::size_t kNameColumns = 12;
constexpr std::size_t kNumberColumns = 9;
constexpr std::size_t kRateColumns = 9;

/// The totals of two samples, and the time between them; the earlier ones where there are some.
struct Span {
  const Totals& now;
  const Totals* before;
  std::chrono::steady_clock::duration length;

  /// " (2.5/s)", or nothing where no rate is known.
  [[nodiscard]] std::string rate_of(std::uint64_t then, std::uint64_t count) const {
    return before == nullptr ? "" : " (" + show_rate(rate(then, count, length)) + ")";
  }
};

std::uint64_t count_of(const Counters& counters, const std::string& name) {
  const auto found = counters.find(name);
  return found == counters.end() ? 0 : found->second;
}

/// What `before` counted for the command, empty where it did not.
const Counters& counters_before(const Totals* before, const std::string& command) {
  static const Counters kNone;
  if (before == nullptr) return kNone;
  const auto found = before->requests.find(command);
  return found == before->requests.end() ? kNone : found->second;
}

std::string row(std::string_view name, const std::string& text) {
  return padded(std::string(name), kNameColumns) + text;
}

/// "busy 3 (0.0/s), cancelled 2 (1.0/s)", without the counter named `except`.
std::string list(const Span& span, const Counters& before, const Counters& now,
                 std::string_view except = {}) {
  std::string text;
  for (const auto& [name, count] : now) {
    if (name == except) continue;
    text += (text.empty() ? "" : ", ") + visible(name) + " " + std::to_string(count) +
            span.rate_of(count_of(before, name), count);
  }
  return text;
}

std::string limits_row(std::string_view name, const Span& span, Counters Totals::* counters) {
  static const Counters kNone;
  const Counters& before = span.before == nullptr ? kNone : span.before->*counters;
  const std::string text = list(span, before, span.now.*counters);
  return row(name, text.empty() ? "0" : text);
}

std::string latency_cells(const std::string& count, const std::string& mean, const std::string& p50,
                          const std::string& p90, const std::string& p99) {
  return padded_left(count, kNumberColumns) + padded_left(mean, kRateColumns) +
         padded_left(p50, 16) + padded_left(p90, 16) + padded_left(p99, 16);
}

std::string latency_row(std::string_view name, const Latencies& latencies) {
  const auto mean = mean_us(latencies);
  return row(name, latency_cells(std::to_string(latencies.count), mean ? show_us(*mean) : "-",
                                 show_quantile(quantile(latencies, 0.50)),
                                 show_quantile(quantile(latencies, 0.90)),
                                 show_quantile(quantile(latencies, 0.99))));
}

std::string command_row(std::size_t width, const std::string& command, const std::string& count,
                        const std::string& per_second, const std::string& errors) {
  std::string line = padded(command, width) + padded_left(count, kNumberColumns) +
                     padded_left(per_second, kRateColumns) + "  " + errors;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

void append_commands(std::vector<std::string>& lines, const Span& span) {
  std::size_t width = std::string_view("COMMAND").size();
  for (const auto& [command, counters] : span.now.requests)
    width = std::max(width, width_of(visible(command)));
  const bool rates = span.before != nullptr;
  lines.push_back(command_row(width, "COMMAND", "OK", rates ? "OK/s" : "", "ERRORS"));
  for (const auto& [command, counters] : span.now.requests) {
    const Counters& before = counters_before(span.before, command);
    const std::uint64_t answered = count_of(counters, "ok");
    const double per_second = rate(count_of(before, "ok"), answered, span.length);
    lines.push_back(command_row(width, visible(command), std::to_string(answered),
                                rates ? show_rate(per_second) : "",
                                list(span, before, counters, "ok")));
  }
}

void append_totals(std::vector<std::string>& lines, const Span& span) {
  const Totals& now = span.now;
  const Totals* const before = span.before;
  lines.push_back(
      row("accepted", std::to_string(now.accepted) +
                          span.rate_of(before == nullptr ? 0 : before->accepted, now.accepted)));
  lines.push_back(limits_row("refused", span, &Totals::refused));
  lines.push_back(limits_row("dropped", span, &Totals::dropped));
  lines.push_back(
      row("loop lag", show_us(now.loop_lag_us) + ", at worst " + show_us(now.worst_loop_lag_us)));
  lines.emplace_back();
  lines.push_back(row("LATENCY", latency_cells("REQUESTS", "MEAN", "P50", "P90", "P99")));
  lines.push_back(latency_row("in all", now.latencies));
  if (before != nullptr)
    lines.push_back(latency_row("lately", since(before->latencies, now.latencies)));
  lines.emplace_back();
  append_commands(lines, span);
}

}  // namespace

std::vector<std::string> stats_table(const Sample& now, const Sample* before) {
  std::vector<std::string> lines{row("connections", std::to_string(now.now.connections)),
                                 row("in flight", std::to_string(now.now.requests_in_flight)),
                                 row("buffered", show_bytes(now.now.buffered_bytes)),
                                 row("descriptors", std::to_string(now.now.descriptors))};
  if (!now.totals) return lines;
  const bool known = before != nullptr && before->totals;
  append_totals(lines,
                {*now.totals, known ? &*before->totals : nullptr,
                 known ? now.taken - before->taken : std::chrono::steady_clock::duration::zero()});
  return lines;
}

std::string redraw(const std::vector<std::string>& lines, std::size_t rows, std::size_t columns) {
  // The last row stays empty: the cursor rests there, and a line feed in it would scroll.
  std::string text = "\x1b[H";
  for (std::size_t index = 0; index < lines.size() && index + 1 < rows; ++index)
    text += clip(lines[index], columns) + "\x1b[K\n";
  return text + "\x1b[J";
}

}  // namespace udsctl
