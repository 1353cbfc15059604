// Bodies of run_summary.hpp.
#include "commands/run_summary.hpp"

#include <string>

namespace udsd {
namespace {

using uds::Json;

std::string state_of(const std::optional<RunEnding>& result, const RunPresence& presence) {
  if (result) return result->outcome == "lost" ? "lost" : "ended";
  if (presence.queued) return "queued";
  return presence.watched ? "running" : "lost";
}

}  // namespace

Json summary_of(const RunRecord& facts, const std::optional<RunEnding>& result,
                const RunPresence& presence) {
  Json out = Json::object();
  out["run"] = facts.run;
  out["command"] = facts.command;
  out["state"] = state_of(result, presence);
  out["caller"]["uid"] = facts.caller;
  out["caller"]["user"] = facts.caller_name;
  out["accepted_ms"] = facts.accepted_ms;
  if (!result) return out;
  for (const char* name : {"outcome", "exit", "signal", "duration_ms", "ended_ms"})
    if (const auto member = result->all.find(name); member != result->all.end())
      out[name] = *member;
  return out;
}

Json details_of(const RunRecord& facts, const std::optional<RunEnding>& result,
                const RunPresence& presence) {
  Json out = facts.all;
  if (result) out.update(result->all);
  out["state"] = state_of(result, presence);
  return out;
}

}  // namespace udsd
