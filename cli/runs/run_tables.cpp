// Body of run_tables.hpp.
#include "runs/run_tables.hpp"

#include "json_members.hpp"
#include "layout.hpp"
#include "monitor/figures.hpp"
#include "style.hpp"
#include "visible_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstddef>

namespace udsctl {
namespace {

using uds::Json;

constexpr std::size_t kWidestArguments = 60;

std::string age_of(const Json& run, std::chrono::milliseconds now) {
  const auto accepted = count_of(run, "accepted_ms");
  if (!accepted) return {};
  const auto present = static_cast<std::uint64_t>(now.count());
  return show_age(present - std::min(*accepted, present)) + " ago";
}

}  // namespace

std::optional<std::uint64_t> count_of(const Json& object, std::string_view name) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_number_unsigned()) return std::nullopt;
  return value->get<std::uint64_t>();
}

std::string duration_of(const Json& object, std::string_view name) {
  const auto duration = count_of(object, name);
  return duration ? show_age(*duration) : std::string();
}

std::string shown_member(const Json& object, std::string_view name) {
  const Json* value = member(object, name);
  return value == nullptr || value->is_null() ? std::string() : shown(*value);
}

std::string ending_of(const Json& run) {
  std::string outcome = visible_member(run, "outcome");
  if (outcome == "exit" || outcome == "signal") return outcome + " " + shown_member(run, outcome);
  std::replace(outcome.begin(), outcome.end(), '_', ' ');
  return outcome;
}

std::string caller_of(const Json& run) {
  const Json* caller = member(run, "caller");
  if (caller == nullptr) return shown_member(run, "uid");
  if (!caller->is_object()) return shown(*caller);
  std::string name = visible_member(*caller, "user");
  return name.empty() ? shown_member(*caller, "uid") : name;
}

std::string table_of_runs(const Json& data, std::chrono::milliseconds now) {
  Table table({"RUN", "STATE", "CALLER", "STARTED", "TOOK", "RESULT", "COMMAND"});
  if (const Json* runs = member(data, "runs"); runs != nullptr && runs->is_array())
    for (const Json& run : *runs)
      table.add({visible_member(run, "run"), visible_member(run, "state"), caller_of(run),
                 age_of(run, now), duration_of(run, "duration_ms"), ending_of(run),
                 visible_member(run, "command")});
  return table.text(wants_colour(STDOUT_FILENO));
}

std::string table_of_records(const std::vector<Json>& records) {
  Table table({"TIME", "EVENT", "RUN", "CALLER", "AS", "COMMAND", "DETAILS"});
  for (const Json& record : records) {
    std::string details = ending_of(record);
    if (details.empty()) details = clip(shown_member(record, "args"), kWidestArguments);
    table.add({visible_member(record, "time"), visible_member(record, "event"),
               visible_member(record, "run"), caller_of(record), visible_member(record, "user"),
               visible_member(record, "command"), details});
  }
  return table.text(wants_colour(STDOUT_FILENO));
}

std::string permission_of(const Json& data) {
  const Json* allowed = member(data, "allowed");
  std::string text = allowed != nullptr && *allowed == Json(true) ? "yes" : "no";
  if (const std::string rule = visible_member(data, "rule"); !rule.empty())
    text += ", by the rule " + rule;
  if (const std::string reason = visible_member(data, "reason"); !reason.empty())
    text += ": " + reason;
  return text + "\n";
}

}  // namespace udsctl
