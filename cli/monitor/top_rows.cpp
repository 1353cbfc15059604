// Body of top_rows.hpp.
#include "monitor/top_rows.hpp"

#include "visible_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace udsctl {
namespace {

// In the order in which a key goes through them.
constexpr std::array kColumns{std::pair{SortBy::InFlight, "in flight"},
                              std::pair{SortBy::Queued, "queued bytes"},
                              std::pair{SortBy::Age, "age"},
                              std::pair{SortBy::RequestAge, "age of the request"},
                              std::pair{SortBy::Number, "number"},
                              std::pair{SortBy::User, "user"},
                              std::pair{SortBy::Pid, "pid"}};

std::size_t position(SortBy column) {
  return static_cast<std::size_t>(
      std::ranges::find(kColumns, column, &decltype(kColumns)::value_type::first) -
      kColumns.begin());
}

/// Sorts by what `value` gives, the least first, and by number where that is the same.
template <class Value>
void sort_by(std::vector<OpenConnection>& connections, Value value) {
  std::ranges::sort(connections, {}, [&](const OpenConnection& connection) {
    return std::pair(value(connection), connection.number);
  });
}

/// Turned round: more comes first.
std::uint64_t reversed(std::uint64_t value) {
  return ~value;
}

std::string id_text(const uds::RequestId& id) {
  return id.text() != nullptr ? visible(*id.text()) : visible(uds::to_json_text(id.to_json()));
}

}  // namespace

SortBy next_column(SortBy column) {
  return kColumns.at((position(column) + 1) % kColumns.size()).first;
}

std::string_view to_string(SortBy column) {
  return kColumns.at(position(column)).second;
}

void sort_connections(std::vector<OpenConnection>& connections, SortBy column, const NameOf& user) {
  using Row = const OpenConnection&;
  switch (column) {
    case SortBy::InFlight:
      return sort_by(connections, [](Row row) { return reversed(row.requests_in_flight); });
    case SortBy::Queued:
      return sort_by(connections, [](Row row) { return reversed(row.queued_bytes); });
    case SortBy::Age:
      return sort_by(connections, [](Row row) { return reversed(row.age_ms); });
    case SortBy::RequestAge:
      return sort_by(connections, [](Row row) {
        return std::pair(row.requests.empty(),
                         reversed(row.requests.empty() ? 0 : row.requests.front().age_ms));
      });
    case SortBy::Number:
      return sort_by(connections, [](Row row) { return row.number; });
    case SortBy::User:
      return sort_by(connections,
                     [&user](Row row) { return row.uid ? user(*row.uid) : std::string(); });
    case SortBy::Pid:
      return sort_by(connections, [](Row row) { return row.pid.value_or(0); });
  }
}

void Selection::follow(const std::vector<OpenConnection>& connections) {
  const auto found = std::ranges::find(connections, number_, &OpenConnection::number);
  if (found != connections.end()) index_ = static_cast<std::size_t>(found - connections.begin());
  move(connections, 0);
}

void Selection::move(const std::vector<OpenConnection>& connections, std::ptrdiff_t steps) {
  if (connections.empty()) {
    *this = {};
    return;
  }
  const auto last = static_cast<std::ptrdiff_t>(connections.size()) - 1;
  const auto here = std::min(static_cast<std::ptrdiff_t>(index_), last);
  index_ = static_cast<std::size_t>(
      std::clamp(here + std::clamp(steps, -last, last), std::ptrdiff_t{0}, last));
  number_ = connections[index_].number;
}

uds::Result<CancelTarget, std::string> cancel_target(const OpenConnection& connection) {
  const std::string name = "connection " + std::to_string(connection.number);
  if (connection.requests.empty()) return name + " has no request in flight";
  const auto found = std::ranges::find_if(
      connection.requests, [](const RunningRequest& request) { return request.id.present(); });
  if (found == connection.requests.end())
    return "the request of " + name + " has no id, so nobody can cancel it";
  return CancelTarget{connection.number, found->id, found->command};
}

std::string describe(const CancelTarget& target) {
  return "request " + id_text(target.id) + " (" + visible(target.command) + ") of connection " +
         std::to_string(target.connection);
}

std::string cancel_request(const CancelTarget& target) {
  uds::Json request = uds::Json::object();
  request["cmd"] = "cancel";
  request["args"]["connection"] = target.connection;
  request["args"]["id"] = target.id.to_json();
  return uds::to_json_text(request);
}

}  // namespace udsctl
