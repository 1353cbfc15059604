// Body of top_frame.hpp.
#include "monitor/top_frame.hpp"

#include "layout.hpp"
#include "monitor/figures.hpp"
#include "monitor/rates.hpp"
#include "visible_text.hpp"

#include <algorithm>

namespace udsctl {
namespace {

// Above the connections: three rows of figures, the status, the titles of the columns.
constexpr std::size_t kRowsAbove = 5;
constexpr std::size_t kUserColumns = 10;
constexpr std::size_t kProcessColumns = 15;  // as long as the kernel's name of a process

std::string first_line(const Frame& frame) {
  const Identity& who = frame.identity;
  std::string line = visible(who.program) + " " + visible(who.version);
  if (who.started && frame.clock >= *who.started) {
    const auto up =
        std::chrono::duration_cast<std::chrono::milliseconds>(frame.clock - *who.started);
    line += "   up " + show_age(static_cast<std::uint64_t>(up.count()));
  }
  if (!who.instance.empty()) line += "   instance " + visible(who.instance.substr(0, 8));
  line += "   sorted by " + std::string(to_string(frame.sorted_by));
  if (frame.paused) line += "   paused";
  return line;
}

std::string rates_line(const Frame& frame) {
  if (!frame.now.totals) return "your own connections; administrators see all, and rates";
  const Totals& now = *frame.now.totals;
  if (!frame.before || !frame.before->totals) return "requests -   errors -   p50 -   p99 -";
  const Totals& before = *frame.before->totals;
  const auto span = frame.now.taken - frame.before->taken;
  const Latencies lately = since(before.latencies, now.latencies);
  return "requests " + show_rate(rate(requests_of(before), requests_of(now), span)) + "   errors " +
         show_rate(rate(errors_of(before), errors_of(now), span)) + "   p50 " +
         show_quantile(quantile(lately, 0.50)) + "   p99 " + show_quantile(quantile(lately, 0.99));
}

std::string gauges_line(const Frame& frame) {
  const Gauges& now = frame.now.now;
  const auto slow = std::ranges::count_if(
      frame.now.connections, [](const OpenConnection& one) { return one.queued_bytes > 0; });
  std::string line = "connections " + std::to_string(now.connections) + "   in flight " +
                     std::to_string(now.requests_in_flight) + "   buffered " +
                     show_bytes(now.buffered_bytes) + "   slow readers " + std::to_string(slow);
  if (frame.now.totals) line += "   loop lag " + show_us(frame.now.totals->loop_lag_us);
  return line;
}

std::string table_row(const std::string& number, const std::string& user, const std::string& pid,
                      const std::string& process, const std::string& age, const std::string& count,
                      const std::string& queued, const std::string& request_age,
                      const std::string& command) {
  return padded_left(number, 6) + " " + padded(clip(user, kUserColumns), kUserColumns) + " " +
         padded_left(pid, 7) + " " + padded(clip(process, kProcessColumns), kProcessColumns) + " " +
         padded_left(age, 6) + " " + padded_left(count, 4) + " " + padded_left(queued, 10) + " " +
         padded_left(request_age, 6) + " " + command;
}

std::string title_row() {
  return table_row("NUMBER", "USER", "PID", "PROCESS", "AGE", "REQS", "QUEUED", "FOR", "COMMAND");
}

std::string connection_row(const OpenConnection& connection, const Names& names) {
  const auto number = [](const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : std::string("-");
  };
  const auto name = [](const std::optional<std::uint64_t>& value, const NameOf& name_of) {
    return value ? visible(name_of(*value)) : std::string("-");
  };
  const bool busy = !connection.requests.empty();
  return table_row(std::to_string(connection.number), name(connection.uid, names.user),
                   number(connection.pid), name(connection.pid, names.process),
                   show_age(connection.age_ms), std::to_string(connection.requests_in_flight),
                   show_bytes(connection.queued_bytes),
                   busy ? show_age(connection.requests.front().age_ms) : "-",
                   busy ? visible(connection.requests.front().command) : "-");
}

std::vector<Line> lines_above(const Frame& frame) {
  const std::string hint = "? shows the keys";
  return {{first_line(frame)},
          {rates_line(frame)},
          {gauges_line(frame)},
          {frame.status.empty() ? hint : visible(frame.status), Look::Status},
          {title_row(), Look::Title}};
}

}  // namespace

std::size_t rows_for_connections(std::size_t rows) {
  return rows > kRowsAbove ? rows - kRowsAbove : 0;
}

std::vector<Line> compose(const Frame& frame, const Names& names, Size size) {
  std::vector<Line> lines = lines_above(frame);
  const auto& connections = frame.now.connections;
  const std::size_t room = rows_for_connections(size.rows);
  const std::size_t selected = frame.selection.index();
  // Whole pages: rows do not move as the selection does.
  const std::size_t first = room == 0 ? 0 : selected / room * room;
  for (std::size_t index = first; index < connections.size() && index - first < room; ++index)
    lines.push_back({connection_row(connections[index], names),
                     index == selected ? Look::Selected : Look::Plain});
  if (lines.size() > size.rows) lines.resize(size.rows);
  for (Line& line : lines) line.text = clip(line.text, size.columns);
  return lines;
}

std::string compose_text(const Frame& frame, const Names& names) {
  std::string text;
  for (const Line& line : lines_above(frame))
    if (line.look != Look::Status) text += line.text + "\n";
  for (const OpenConnection& connection : frame.now.connections)
    text += connection_row(connection, names) + "\n";
  return text;
}

}  // namespace udsctl
