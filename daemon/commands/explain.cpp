// explain: what would be run, for a caller who may run it; nothing is.
#include <algorithm>
#include <utility>

#include "commands/commands.hpp"
#include "commands/policy_questions.hpp"
#include "declared/policy.hpp"
#include "file_mode.hpp"

namespace udsd {
namespace {

using uds::Json;

Json limits_of(const RunLimits& limits) {
  Json out = Json::object();
  const auto put = [&out](const char* name, const std::optional<std::uint64_t>& value) {
    if (value) out[name] = *value;
  };
  put("nproc", limits.processes);
  put("nofile", limits.descriptors);
  put("fsize", limits.file_size);
  put("core", limits.core);
  put("memory", limits.memory);
  return out;
}

std::string input_of(const StandardInput& input) {
  switch (input.from) {
    case StandardInput::From::Caller:
      return "caller";
    case StandardInput::From::Argument:
      return "arg:" + input.argument;
    case StandardInput::From::Nothing:
      break;
  }
  return "none";
}

Json plan_of(const Declaration& declared, std::vector<std::string> argv, std::string rule) {
  Json out = Json::object();
  out["command"] = declared.name;
  out["argv"] = std::move(argv);
  out["user"] = declared.run_as.user;
  if (declared.run_as.group) out["group"] = *declared.run_as.group;
  out["cwd"] = declared.directory;
  out["umask"] = format_mode(declared.umask);
  out["env"] = declared.environment;
  out["limits"] = limits_of(declared.limits);
  out["stdin"] = input_of(declared.input);
  out["timeout_ms"] = declared.timeout ? Json(declared.timeout->count()) : Json();
  out["grace_ms"] = declared.grace.count();
  out["on_disconnect"] = declared.disconnect.detach ? "detach" : "kill";
  out["declared_at"] = declared.origin.file + ":" + std::to_string(declared.origin.line);
  out["hash"] = declared.hash;
  out["rule"] = std::move(rule);
  return out;
}

}  // namespace

uds::Command describe_explain() {
  uds::Command command("explain");
  command.summary("Show what a declared command would run, without running it");
  command.arg("command", uds::schema::string().required().summary("its name"));
  command.arg("args", uds::schema::object().open().summary("its arguments"));
  return command;
}

uds::Response explain(Control& control, uds::Call& call) {
  const auto name = call.args().at("command").get<std::string>();
  const auto declared = control.catalog().find(name);
  const Decision decision =
      declared ? decide(*declared, call.peer(), call.admin()) : Decision{false, ""};
  if (!decision.allowed) return control.commands().unknown(name, call.peer());
  if (const auto uid = target_uid(*declared, call.peer().uid, control.catalog().rules()); !uid)
    return uds::Response::error(uds::Code::PermissionDenied, uid.error());
  const auto texts = judge_arguments(
      *declared, call.args().contains("args") ? call.args().at("args") : Json::object());
  const auto unfit = [](const std::string& why) {
    return uds::Response::error(uds::Code::InvalidArgs, "the arguments do not fit: " + why);
  };
  if (!texts) return unfit(texts.error());
  auto argv = declared->exec.expand(*texts);
  if (!argv) return unfit(argv.error());
  return uds::Response::ok("this would be run",
                           plan_of(*declared, *std::move(argv), decision.rule));
}

}  // namespace udsd
