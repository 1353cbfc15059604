// What udsctl top shows and how its rows are ordered and selected, without a terminal.
#include "monitor/top_frame.hpp"

#include "visible_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using uds::RequestId;
using udsctl::cancel_target;
using udsctl::compose;
using udsctl::Frame;
using udsctl::Line;
using udsctl::Look;
using udsctl::Names;
using udsctl::OpenConnection;
using udsctl::SortBy;

const Names kNames{[](std::uint64_t uid) { return uid == 0 ? "root" : "user\x1b"; },
                   [](std::uint64_t pid) { return "process" + std::to_string(pid); }};

OpenConnection connection(std::uint64_t number, std::uint64_t uid, std::uint64_t pid,
                          std::uint64_t age_ms, std::uint64_t queued_bytes = 0) {
  OpenConnection out;
  out.number = number;
  out.uid = uid;
  out.pid = pid;
  out.age_ms = age_ms;
  out.queued_bytes = queued_bytes;
  return out;
}

OpenConnection busy(OpenConnection out, std::vector<udsctl::RunningRequest> requests) {
  out.requests_in_flight = requests.size();
  out.requests = std::move(requests);
  return out;
}

Frame frame() {
  Frame out;
  out.identity = {"udsd", "1.2.3", "0123456789", std::chrono::system_clock::time_point(), true};
  out.clock += 90s;
  out.now.taken += 2s;
  out.now.now = {3, 2, 1'536, 0};
  out.now.totals.emplace();
  out.now.totals->requests["ping"] = {{"ok", 300}, {"busy", 20}};
  out.now.totals->latencies = {320, 0, {{50, 310}, {100, 10}}};
  out.now.totals->loop_lag_us = 35;
  out.before.emplace();
  out.before->totals.emplace();
  out.now.connections = {
      busy(connection(1, 0, 42, 5'000, 2'048), {{RequestId(7), "countdown", 3'000}}),
      connection(2, 7, 9, 1'000)};
  return out;
}

std::vector<std::string> texts(const std::vector<Line>& lines) {
  std::vector<std::string> out;
  for (const Line& line : lines) out.push_back(line.text);
  return out;
}

TEST(TopFrame, ShowsFiguresAndConnections) {
  const auto lines = compose(frame(), kNames, {100, 30});
  const std::vector<std::string> expected{
      "udsd 1.2.3   up 1m30s   instance 01234567   sorted by in flight",
      "requests 160/s   errors 10.0/s   p50 at most 50 us   p99 at most 100 us",
      "connections 3   in flight 2   buffered 1.5 KiB   slow readers 1   loop lag 35 us",
      "? shows the keys",
      "NUMBER USER           PID PROCESS            AGE REQS     QUEUED    FOR COMMAND",
      "     1 root            42 process42         5.0s    1    2.0 KiB   3.0s countdown",
      "     2 user\\u001b       9 process9          1.0s    0        0 B      - -",
  };
  EXPECT_EQ(texts(lines), expected);
  EXPECT_EQ(lines[4].look, Look::Title);
  EXPECT_EQ(lines[5].look, Look::Selected);
  EXPECT_EQ(lines[6].look, Look::Plain);
}

TEST(TopFrame, ShowsWhatIsKnown) {
  Frame first = frame();
  first.before.reset();
  first.paused = true;
  first.status = "a\x1b";
  const auto lines = texts(compose(first, kNames, {100, 30}));
  EXPECT_EQ(lines[0], "udsd 1.2.3   up 1m30s   instance 01234567   sorted by in flight   paused");
  EXPECT_EQ(lines[1], "requests -   errors -   p50 -   p99 -");
  EXPECT_EQ(lines[3], "a\\u001b");
  Frame own = frame();
  own.now.totals.reset();
  own.now.connections = {OpenConnection()};
  const auto less = texts(compose(own, kNames, {100, 30}));
  EXPECT_EQ(less[1], "your own connections; administrators see all, and rates");
  EXPECT_EQ(less[2], "connections 3   in flight 2   buffered 1.5 KiB   slow readers 0");
  EXPECT_EQ(less[5], "     0 -                - -                 0.0s    0        0 B      - -");
}

TEST(TopFrame, IsCutToTheTerminal) {
  const Frame whole = frame();
  for (std::size_t rows = 1; rows < 9; ++rows)
    for (const std::size_t columns : {1U, 2U, 20U}) {
      const auto lines = compose(whole, kNames, {columns, rows});
      EXPECT_EQ(lines.size(), std::min<std::size_t>(rows, 7));
      for (const Line& line : lines) EXPECT_EQ(line.text, udsctl::clip(line.text, columns));
    }
}

TEST(TopFrame, ScrollsByPagesToTheSelection) {
  Frame many = frame();
  many.now.connections.clear();
  for (std::uint64_t number = 1; number <= 10; ++number)
    many.now.connections.push_back(connection(number, 0, 1, 0));
  many.selection.move(many.now.connections, 4);
  const auto lines = compose(many, kNames, {100, 8});
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_TRUE(lines[5].text.starts_with("     4 "));
  EXPECT_EQ(lines[6].look, Look::Selected);
  EXPECT_TRUE(lines[6].text.starts_with("     5 "));
}

TEST(TopFrame, IsAPlainTextForScripts) {
  const std::string text = compose_text(frame(), kNames);
  EXPECT_EQ(std::ranges::count(text, '\n'), 6);
  EXPECT_NE(text.find("\nNUMBER "), std::string::npos);
  EXPECT_EQ(text.find("keys"), std::string::npos);
}

std::string order(SortBy column) {
  std::vector<OpenConnection> connections{
      connection(1, 7, 30, 10, 5), busy(connection(2, 0, 20, 30), {{RequestId(1), "a", 5}}),
      busy(connection(3, 0, 10, 20, 9), {{RequestId(1), "a", 9}, {RequestId(2), "a", 1}}),
      connection(4, 0, 30, 10)};
  udsctl::sort_connections(connections, column, kNames.user);
  std::string out;
  for (const auto& one : connections) out += std::to_string(one.number);
  return out;
}

TEST(TopRows, AreSortedByAnyColumn) {
  EXPECT_EQ(order(SortBy::InFlight), "3214");
  EXPECT_EQ(order(SortBy::Queued), "3124");
  EXPECT_EQ(order(SortBy::Age), "2314");
  EXPECT_EQ(order(SortBy::RequestAge), "3214");
  EXPECT_EQ(order(SortBy::Number), "1234");
  EXPECT_EQ(order(SortBy::User), "2341");
  EXPECT_EQ(order(SortBy::Pid), "3214");
}

TEST(TopRows, TheSortKeyGoesRound) {
  std::vector<std::string> seen;
  SortBy column = SortBy::InFlight;
  do {
    seen.emplace_back(to_string(column));
    column = next_column(column);
  } while (column != SortBy::InFlight);
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(seen.back(), "pid");
}

TEST(TopRows, TheSelectionStaysWithItsConnection) {
  std::vector<OpenConnection> connections{connection(1, 0, 0, 0), connection(2, 0, 0, 0),
                                          connection(3, 0, 0, 0)};
  udsctl::Selection selection;
  selection.follow(connections);
  EXPECT_EQ(selection.index(), 0U);
  selection.move(connections, 1);
  std::ranges::reverse(connections);
  selection.follow(connections);
  EXPECT_EQ(selection.index(), 1U);
  std::swap(connections[0], connections[1]);
  selection.follow(connections);
  EXPECT_EQ(connections[selection.index()].number, 2U);
  connections.erase(connections.begin());
  selection.follow(connections);
  EXPECT_EQ(selection.index(), 0U) << "its place";
  selection.move(connections, 100);
  EXPECT_EQ(selection.index(), 1U);
  selection.move(connections, -100);
  EXPECT_EQ(selection.index(), 0U);
  selection.follow({});
  EXPECT_EQ(selection.index(), 0U);
}

TEST(TopRows, TheOldestRequestWithAnIdIsCancelled) {
  const auto oldest = cancel_target(
      busy(connection(3, 0, 0, 0),
           {{RequestId(std::string("a\"\x1b")), "countdown", 9}, {RequestId(2), "echo", 1}}));
  ASSERT_TRUE(oldest);
  EXPECT_EQ(describe(*oldest), "request a\"\\u001b (countdown) of connection 3");
  EXPECT_EQ(cancel_request(*oldest),
            R"({"args":{"connection":3,"id":"a\"\u001b"},"cmd":"cancel"})");
  const auto number =
      cancel_target(busy(connection(3, 0, 0, 0), {{RequestId(), "a", 9}, {RequestId(2), "b", 1}}));
  ASSERT_TRUE(number);
  EXPECT_EQ(describe(*number), "request 2 (b) of connection 3");
  EXPECT_EQ(cancel_target(connection(3, 0, 0, 0)).error(), "connection 3 has no request in flight");
  EXPECT_EQ(cancel_target(busy(connection(3, 0, 0, 0), {{RequestId(), "a", 9}})).error(),
            "the request of connection 3 has no id, so nobody can cancel it");
}

}  // namespace
