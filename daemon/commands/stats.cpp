// stats: counters and gauges, as JSON or as OpenMetrics text. Administrators see the whole server,
// others what their own user holds.
#include <string>
#include <utility>

#include "commands/commands.hpp"
#include "commands/openmetrics.hpp"

namespace udsd {
namespace {

uds::Json describe(const uds::Usage& usage) {
  uds::Json out = uds::Json::object();
  out["connections"] = usage.connections;
  out["requests_in_flight"] = usage.requests_in_flight;
  out["buffered_bytes"] = usage.buffered_bytes;
  out["descriptors"] = usage.descriptors;
  return out;
}

uds::Json describe(const uds::Histogram& histogram) {
  uds::Json buckets = uds::Json::array();
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    uds::Json bucket = uds::Json::object();
    const bool last = i == uds::Histogram::kBoundsUs.size();
    bucket["up_to_us"] = last ? uds::Json() : uds::Json(uds::Histogram::kBoundsUs.at(i));
    bucket["count"] = histogram.counts().at(i);
    buckets.push_back(std::move(bucket));
  }
  uds::Json out = uds::Json::object();
  out["count"] = histogram.count();
  out["sum_us"] = histogram.sum().count();
  out["buckets"] = std::move(buckets);
  return out;
}

uds::Json describe(const uds::Statistics& statistics) {
  uds::Json out = uds::Json::object();
  out["requests"] = statistics.requests();
  out["durations"] = describe(statistics.durations());
  out["connections_accepted"] = statistics.accepted();
  out["connections_refused"] = statistics.refused();
  out["connections_dropped"] = statistics.dropped();
  out["loop_lag_us"] = statistics.loop_lag().count();
  out["worst_loop_lag_us"] = statistics.worst_loop_lag().count();
  return out;
}

}  // namespace

uds::Command describe_stats() {
  uds::Command command("stats");
  command.summary("Counters and gauges: administrators see all, others what they hold")
      .arg("format", uds::schema::string()
                         .summary("openmetrics gives exposition text in data.text")
                         .one_of({"json", "openmetrics"})
                         .fallback("json"));
  return command;
}

uds::Response stats(Control& control, uds::Call& call) {
  const uds::Server& server = control.server();
  const uds::Usage held = call.admin() ? server.usage() : server.usage_of(call.peer().uid);
  uds::Json data = uds::Json::object();
  if (call.args().at("format") == "openmetrics") {
    data["text"] = openmetrics(held, call.admin() ? &server.statistics() : nullptr);
  } else {
    if (call.admin()) data = describe(server.statistics());
    data["now"] = describe(held);
  }
  return uds::Response::ok("statistics since the start", std::move(data));
}

}  // namespace udsd
