// Bodies of records.hpp.
#include "exec/records.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "exec/json_object.hpp"

namespace udsd {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

std::int64_t since_epoch(system_clock::time_point time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

/// Builds a line and its fields together.
class Record {
 public:
  Record& text(std::string name, const std::string& value) {
    json_.text(name, value);
    fields_.emplace_back(std::move(name), value);
    return *this;
  }
  Record& number(std::string name, std::integral auto value) {
    return json(std::move(name), std::to_string(value));
  }
  Record& json(std::string name, const std::string& value) {
    json_.json(name, value);
    fields_.emplace_back(std::move(name), value);
    return *this;
  }
  /// For the journal only.
  Record& field(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  AuditRecord done(std::string message) && {
    return {json_.str(), std::move(message), std::move(fields_)};
  }

 private:
  JsonObject json_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

std::string bytes_of(const RunResult& result) {
  return JsonObject()
      .number("stdout", result.bytes_of_stdout)
      .number("stderr", result.bytes_of_stderr)
      .str();
}

std::string hashes_of(const RunResult& result) {
  return JsonObject()
      .text("stdout", result.hash_of_stdout)
      .text("stderr", result.hash_of_stderr)
      .str();
}

/// How it ended, for people.
std::string in_words(const RunResult& result) {
  if (!result.reason.empty()) return result.reason;
  if (result.exit) return "exit status " + std::to_string(*result.exit);
  if (result.signal) return "ended by signal " + std::to_string(*result.signal);
  return to_string(result.outcome);
}

}  // namespace

const char* to_string(RunResult::Outcome outcome) noexcept {
  using Outcome = RunResult::Outcome;
  switch (outcome) {
    case Outcome::Exit:
      return "exit";
    case Outcome::Signal:
      return "signal";
    case Outcome::Timeout:
      return "timeout";
    case Outcome::Cancelled:
      return "cancelled";
    case Outcome::OutputLimit:
      return "output_limit";
    case Outcome::OutputLost:
      return "output_lost";
    case Outcome::NotStarted:
      return "not_started";
    case Outcome::Lost:
      break;
  }
  return "lost";
}

std::string format_time(system_clock::time_point time) {
  const auto ms = since_epoch(time);
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> day{};
  std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string fraction = std::to_string(1000 + ms % 1000);
  fraction.front() = '.';
  return day.data() + fraction + "Z";
}

std::string masked_arguments(const Declaration& declared, const ArgumentTexts& arguments) {
  JsonObject all;
  for (const auto& [name, texts] : arguments) {
    const Parameter* parameter = declared.parameter(name);
    if (parameter == nullptr || parameter->secret)
      all.text(name, "***");
    else if (parameter->spread)
      all.json(name, json_array(texts, [](std::string& out, const std::string& text) {
                 uds::append_json_string(out, text);
               }));
    else
      all.text(name, texts.front());
  }
  return all.str();
}

std::string format_facts(const RunFacts& facts, const Caller& caller, const Order& order) {
  const Declaration& declared = order.declaration;
  const std::string who = JsonObject()
                              .number("uid", caller.peer.uid)
                              .number("gid", caller.peer.gid)
                              .text("user", caller.user)
                              .number("pid", caller.peer.pid)
                              .str();
  JsonObject out;
  out.text("run", facts.run)
      .text("command", declared.name)
      .text("hash", declared.hash)
      .json("caller", who)
      .text("request", facts.request)
      .json("args", masked_arguments(declared, order.arguments))
      .text("user", order.target.name)
      .number("uid", order.target.uid)
      .text("rule", order.rule)
      .number("accepted_ms", since_epoch(facts.accepted));
  if (facts.timeout)
    out.number("timeout_ms", facts.timeout->count());
  else
    out.json("timeout_ms", "null");
  out.flag("detach", facts.detach)
      .text("on_disconnect", declared.disconnect.detach ? "detach" : "kill")
      .number("disconnect_grace_ms", declared.disconnect.grace.count())
      .flag("idempotent", declared.idempotent)
      .number("keep_ms", declared.keep.time.count())
      .number("keep_total", declared.keep.total);
  return out.str();
}

std::string format_result(const std::string& run, const RunResult& result,
                          system_clock::time_point ended) {
  JsonObject out;
  out.text("run", run).flag("started", result.started).text("outcome", to_string(result.outcome));
  if (result.exit) out.number("exit", *result.exit);
  if (result.signal) out.number("signal", *result.signal);
  if (!result.reason.empty()) out.text("reason", result.reason);
  if (!result.stage.empty()) out.text("stage", result.stage).number("errno", result.error);
  out.number("duration_ms", result.duration.count())
      .json("bytes", bytes_of(result))
      .number("dropped", result.dropped);
  if (!result.hash_of_stdout.empty()) out.json("sha256", hashes_of(result));
  out.number("ended_ms", since_epoch(ended));
  return out.str();
}

AuditRecord start_record(const RunFacts& facts, const Caller& caller, const Order& order) {
  const Declaration& declared = order.declaration;
  JsonObject who;
  who.number("uid", caller.peer.uid).text("user", caller.user).number("gid", caller.peer.gid);
  who.json("groups", json_array(caller.peer.groups,
                                [](std::string& out, gid_t gid) { out += std::to_string(gid); }));
  if (!caller.login_uid.empty()) who.text("loginuid", caller.login_uid);
  who.number("pid", caller.peer.pid);
  if (!caller.executable.empty()) who.text("exe", caller.executable);
  Record out;
  out.text("time", format_time(facts.accepted))
      .number("time_ms", since_epoch(facts.accepted))
      .text("event", "start")
      .text("run", facts.run)
      .text("request", facts.request)
      .json("caller", who.str())
      .text("command", declared.name)
      .text("hash", declared.hash)
      .json("args", masked_arguments(declared, order.arguments))
      .text("user", order.target.name)
      .text("rule", order.rule)
      .field("peer_uid", std::to_string(caller.peer.uid));
  return std::move(out).done(caller.user + " runs " + declared.name + " as " + order.target.name +
                             ", by the rule " + order.rule);
}

AuditRecord end_record(const std::string& run, const RunOwner& owner, const RunResult& result,
                       system_clock::time_point ended) {
  Record out;
  out.text("time", format_time(ended))
      .number("time_ms", since_epoch(ended))
      .text("event", "end")
      .text("run", run)
      .json("caller", JsonObject().number("uid", owner.uid).text("user", owner.user).str())
      .text("command", owner.command)
      .text("outcome", to_string(result.outcome))
      .json("started", result.started ? "true" : "false");
  if (result.exit) out.number("exit", *result.exit);
  if (result.signal) out.number("signal", *result.signal);
  if (!result.reason.empty()) out.text("reason", result.reason);
  out.json("bytes", bytes_of(result)).number("duration_ms", result.duration.count());
  if (!result.hash_of_stdout.empty()) out.json("sha256", hashes_of(result));
  out.field("peer_uid", std::to_string(owner.uid));
  return std::move(out).done(owner.command + " has ended: " + in_words(result));
}

}  // namespace udsd
