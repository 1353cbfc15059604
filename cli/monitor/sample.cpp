// Body of sample.hpp.
#include "monitor/sample.hpp"

#include "json_members.hpp"

#include <algorithm>
#include <string_view>

namespace udsctl {
namespace {

using uds::Json;

/// The member `name` of `value`; a null value where there is none.
const Json& item(const Json& value, std::string_view name) {
  static const Json kNothing;
  const Json* found = member(value, name);
  return found == nullptr ? kNothing : *found;
}

std::optional<std::uint64_t> count_of(const Json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

std::uint64_t count_in(const Json& value, const char* name) {
  return count_of(item(value, name)).value_or(0);
}

Counters counters_in(const Json& value) {
  Counters counters;
  if (value.is_object())
    for (const auto& [name, count] : value.items()) counters[name] = count_of(count).value_or(0);
  return counters;
}

Latencies read_latencies(const Json& durations) {
  Latencies latencies;
  latencies.count = count_in(durations, "count");
  latencies.sum_us = count_in(durations, "sum_us");
  const Json& buckets = item(durations, "buckets");
  if (buckets.is_array())
    for (const Json& bucket : buckets)
      latencies.buckets.push_back({count_of(item(bucket, "up_to_us")), count_in(bucket, "count")});
  return latencies;
}

std::optional<Totals> read_totals(const Json& stats) {
  const Json& requests = item(stats, "requests");
  if (!requests.is_object()) return std::nullopt;
  Totals totals;
  for (const auto& [command, counters] : requests.items())
    totals.requests[command] = counters_in(counters);
  totals.latencies = read_latencies(item(stats, "durations"));
  totals.accepted = count_in(stats, "connections_accepted");
  totals.refused = counters_in(item(stats, "connections_refused"));
  totals.dropped = counters_in(item(stats, "connections_dropped"));
  totals.loop_lag_us = count_in(stats, "loop_lag_us");
  totals.worst_loop_lag_us = count_in(stats, "worst_loop_lag_us");
  return totals;
}

OpenConnection read_connection(const Json& entry) {
  OpenConnection connection;
  connection.number = count_in(entry, "connection");
  connection.uid = count_of(item(entry, "uid"));
  connection.pid = count_of(item(entry, "pid"));
  connection.age_ms = count_in(entry, "age_ms");
  connection.requests_in_flight = count_in(entry, "requests_in_flight");
  connection.queued_bytes = count_in(entry, "queued_bytes");
  const Json& requests = item(entry, "requests");
  if (requests.is_array())
    for (const Json& request : requests)
      connection.requests.push_back(
          {uds::RequestId::from_json(item(request, "id")).value_or(uds::RequestId()),
           text_member(request, "command"), count_in(request, "age_ms")});
  return connection;
}

/// RFC 3339 in UTC with whole seconds, as `hello` writes it.
std::optional<std::chrono::system_clock::time_point> read_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  const auto fits = [](char form, char byte) {
    return form == '0' ? byte >= '0' && byte <= '9' : byte == form;
  };
  if (!std::ranges::equal(kForm, text, fits)) return std::nullopt;
  const auto two = [text](std::size_t at) {
    return static_cast<unsigned>(10 * (text[at] - '0') + (text[at + 1] - '0'));
  };
  const std::chrono::year year(static_cast<int>(100 * two(0) + two(2)));
  const auto day = year / std::chrono::month(two(5)) / std::chrono::day(two(8));
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(two(11)) + std::chrono::minutes(two(14)) +
         std::chrono::seconds(two(17));
}

}  // namespace

Sample read_sample(const Json& stats, const Json& connections,
                   std::chrono::steady_clock::time_point taken) {
  Sample sample;
  sample.taken = taken;
  sample.totals = read_totals(stats);
  const Json& now = item(stats, "now");
  sample.now = {count_in(now, "connections"), count_in(now, "requests_in_flight"),
                count_in(now, "buffered_bytes"), count_in(now, "descriptors")};
  const Json& list = item(connections, "connections");
  if (list.is_array())
    for (const Json& entry : list) sample.connections.push_back(read_connection(entry));
  return sample;
}

Identity read_identity(const Json& hello) {
  Identity identity;
  identity.program = text_member(hello, "program");
  identity.version = text_member(hello, "version");
  identity.instance = text_member(hello, "instance");
  identity.started = read_time(text_member(hello, "started"));
  const Json& admin = item(item(hello, "caller"), "admin");
  identity.admin = admin.is_boolean() && admin.get<bool>();
  return identity;
}

}  // namespace udsctl
