// Label values are names of commands, codes and limits: letters, digits, dots and parentheses,
// which need no escaping.
#include "commands/openmetrics.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace udsd {
namespace {

/// One metric family, under construction.
class Family {
 public:
  Family(std::string& out, std::string_view name, std::string_view type, std::string_view help)
      : out_(out), name_(name) {
    out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  }
  void sample(std::string_view suffix, std::string_view labels, const std::string& value) {
    out_.append(name_).append(suffix);
    if (!labels.empty()) out_.append("{").append(labels).append("}");
    out_.append(" ").append(value).append("\n");
  }

 private:
  std::string& out_;
  std::string_view name_;
};

std::string label(std::string_view key, std::string_view value) {
  return std::string(key).append("=\"").append(value).append("\"");
}

std::string seconds(std::chrono::microseconds value) {
  std::array<char, 32> text{};
  const auto whole = static_cast<long long>(value.count() / 1'000'000);
  const auto rest = static_cast<long long>(value.count() % 1'000'000);
  const int size = std::snprintf(text.data(), text.size(), "%lld.%06lld", whole, rest);
  return {text.data(), static_cast<std::size_t>(size)};
}

void counters(std::string& out, std::string_view name, std::string_view help, std::string_view key,
              const uds::Statistics::Counters& values) {
  Family family(out, name, "counter", help);
  for (const auto& [value, count] : values)
    family.sample("_total", label(key, value), std::to_string(count));
}

void gauge(std::string& out, std::string_view name, std::string_view help,
           const std::string& value) {
  Family(out, name, "gauge", help).sample("", "", value);
}

void durations(std::string& out, const uds::Histogram& histogram) {
  Family family(out, "uds_request_duration_seconds", "histogram", "Time from reading to answering");
  std::uint64_t cumulated = 0;
  for (std::size_t i = 0; i < uds::Histogram::kBoundsUs.size(); ++i) {
    cumulated += histogram.counts().at(i);
    const std::chrono::microseconds bound(uds::Histogram::kBoundsUs.at(i));
    family.sample("_bucket", label("le", seconds(bound)), std::to_string(cumulated));
  }
  family.sample("_bucket", label("le", "+Inf"), std::to_string(histogram.count()));
  family.sample("_sum", "", seconds(histogram.sum()));
  family.sample("_count", "", std::to_string(histogram.count()));
}

void requests(std::string& out, const uds::Statistics& statistics) {
  Family family(out, "uds_requests", "counter", "Requests answered, by command and code");
  for (const auto& [command, codes] : statistics.requests())
    for (const auto& [code, count] : codes)
      family.sample("_total", label("command", command) + "," + label("code", code),
                    std::to_string(count));
}

}  // namespace

std::string openmetrics(const uds::Usage& usage, const uds::Statistics* statistics) {
  std::string out;
  gauge(out, "uds_connections", "Open connections", std::to_string(usage.connections));
  gauge(out, "uds_requests_in_flight", "Requests in flight",
        std::to_string(usage.requests_in_flight));
  gauge(out, "uds_buffered_bytes", "Bytes read and not handled, or not yet taken by a reader",
        std::to_string(usage.buffered_bytes));
  gauge(out, "uds_passed_descriptors", "Descriptors that came with requests in flight",
        std::to_string(usage.descriptors));
  if (statistics != nullptr) {
    requests(out, *statistics);
    durations(out, statistics->durations());
    Family(out, "uds_connections_accepted", "counter", "Connections accepted")
        .sample("_total", "", std::to_string(statistics->accepted()));
    counters(out, "uds_connections_refused", "Connections refused, by limit", "limit",
             statistics->refused());
    counters(out, "uds_connections_dropped", "Connections ended by the server, by reason", "reason",
             statistics->dropped());
    gauge(out, "uds_loop_lag_seconds", "How late the event loop was at the last look",
          seconds(statistics->loop_lag()));
  }
  out += "# EOF\n";
  return out;
}

}  // namespace udsd
