// Bodies of run_record.hpp.
#include "runs/run_record.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "shared/run_id.hpp"

namespace udsd {
namespace {

using uds::Code;
using uds::Json;
using uds::Response;

/// The object in `text` whose member `run` is the name of a run.
std::optional<Json> parse_object(std::string_view text) {
  auto parsed = uds::parse_json(text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const auto run = parsed->find("run");
  if (run == parsed->end() || !run->is_string() || !is_run_id(run->get_ref<const std::string&>()))
    return std::nullopt;
  return *std::move(parsed);
}

std::optional<int> number(const Json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_integer()) return std::nullopt;
  return member->get<int>();
}

std::string text(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() || !member->is_string() ? std::string()
                                                        : member->get<std::string>();
}

std::string how_it_ended(const RunEnding& result) {
  if (result.exit) return "exit status " + std::to_string(*result.exit);
  if (result.signal) return "signal " + std::to_string(*result.signal);
  return "no status";
}

/// Whether a run that was not started may be if it is tried again, though nobody mends anything.
bool may_pass(const RunEnding& result) {
  constexpr std::array kOfTheMoment{EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY, EINTR};
  const auto why = number(result.all, "errno");
  return !why || std::ranges::find(kOfTheMoment, *why) != kOfTheMoment.end();
}

struct Failure {
  Code code;
  std::string message;
};

Failure failure_of(const RunEnding& result) {
  const std::string reason = text(result.all, "reason");
  const auto because = [&](std::string what) {
    return reason.empty() ? std::move(what) : std::move(what) + ": " + reason;
  };
  if (result.outcome == "exit" || result.outcome == "signal")
    return {Code::CommandFailed, "the command failed with " + how_it_ended(result)};
  const char* const ended = result.started ? "the command was ended" : "the command was not run";
  if (result.outcome == "timeout") return {Code::DeadlineExceeded, because(ended)};
  if (result.outcome == "output_limit") return {Code::OutputLimit, because(ended)};
  if (result.outcome == "output_lost") return {Code::Internal, because(ended)};
  if (result.outcome == "cancelled") return {Code::Cancelled, because(ended)};
  if (result.outcome == "not_started") {
    if (text(result.all, "stage").empty()) return {Code::Cancelled, because(ended)};
    return {Code::CommandFailed, reason.empty() ? ended : reason};
  }
  return {Code::Internal,
          "how the run ended is not stored: what watched it was killed, or could not write; its "
          "audit records may say more, so look before you run it again"};
}

}  // namespace

Response refusal_response(std::string_view code, std::string message, const std::string& rule) {
  constexpr std::array kCodes{Code::PermissionDenied, Code::UnknownCommand, Code::InvalidArgs,
                              Code::Busy};
  const auto* const known =
      std::ranges::find_if(kCodes, [code](Code each) { return uds::to_string(each) == code; });
  Json details = Json::object();
  details["started"] = false;
  if (!rule.empty()) details["rule"] = rule;
  return Response::error(known == kCodes.end() ? Code::Internal : *known, std::move(message),
                         std::move(details));
}

Response stopping_response(const std::string& run) {
  Json details = Json::object();
  if (!run.empty()) details["run"] = run;
  details["started"] = "unknown";
  return Response::error(Code::ShuttingDown,
                         "udsd is stopping and the run goes on without it; attach to it later",
                         std::move(details))
      .with_retryable(false);
}

Response stopping_before_start() {
  Json details = Json::object();
  details["started"] = false;
  return Response::error(Code::ShuttingDown,
                         "udsd is stopping, and the run that waited for its turn will not begin; "
                         "try again later",
                         std::move(details));
}

std::optional<RunRecord> parse_run_record(std::string_view text_of_facts) {
  auto parsed = parse_object(text_of_facts);
  if (!parsed) return std::nullopt;
  try {
    RunRecord facts;
    const Json& all = *parsed;
    facts.run = all.at("run").get<std::string>();
    facts.command = all.at("command").get<std::string>();
    facts.caller = all.at("caller").at("uid").get<uid_t>();
    facts.caller_name = text(all.at("caller"), "user");
    facts.accepted_ms = all.at("accepted_ms").get<std::int64_t>();
    facts.detach = all.at("detach").get<bool>();
    facts.kill_on_disconnect = text(all, "on_disconnect") != "detach";
    facts.disconnect_grace =
        std::chrono::milliseconds(all.at("disconnect_grace_ms").get<std::int64_t>());
    facts.idempotent = all.at("idempotent").get<bool>();
    facts.all = *std::move(parsed);
    return facts;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<RunEnding> parse_run_ending(std::string_view text_of_result) {
  auto parsed = parse_object(text_of_result);
  if (!parsed) return std::nullopt;
  RunEnding result;
  result.outcome = text(*parsed, "outcome");
  result.exit = number(*parsed, "exit");
  result.signal = number(*parsed, "signal");
  const auto started = parsed->find("started");
  if (result.outcome.empty() || started == parsed->end() || !started->is_boolean())
    return std::nullopt;
  result.started = started->get<bool>();
  result.all = *std::move(parsed);
  return result;
}

RunEnding lost_ending(const std::string& run) {
  RunEnding result;
  result.started = true;
  result.outcome = "lost";
  result.all = Json::object();
  result.all["run"] = run;
  result.all["outcome"] = result.outcome;
  return result;
}

Response final_response(const RunRecord& facts, const RunEnding& result) {
  if (result.outcome == "exit" && result.exit == 0) {
    const auto dropped = result.all.find("dropped");
    const bool whole = dropped == result.all.end() || *dropped == 0;
    return Response::ok(whole ? "the command ended with exit status 0"
                              : "the command ended with exit status 0; some of its output was "
                                "discarded, since it wrote more than it may",
                        result.all);
  }
  auto [code, message] = failure_of(result);
  Json details = Json::object();
  details["run"] = facts.run;
  const bool lost = result.outcome == "lost";
  details["started"] = lost ? Json("unknown") : Json(result.started);
  for (const char* name : {"exit", "signal", "stage", "reason"})
    if (const auto member = result.all.find(name); member != result.all.end())
      details[name] = *member;
  Response response = Response::error(code, std::move(message), std::move(details));
  const bool again = result.started ? lost && facts.idempotent : may_pass(result);
  response.with_retryable(again).with_data(result.all);
  return response;
}

}  // namespace udsd
