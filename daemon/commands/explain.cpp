// explain: what would be run, for a caller who may run it; nothing is.
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "commands/commands.hpp"
#include "commands/policy_questions.hpp"
#include "declared/policy.hpp"
#include "file_mode.hpp"
#include "shared/account.hpp"
#include "shared/handed_over.hpp"
#include "uds/asio.hpp"

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

/// Where the id of the run will stand, which is not known before.
constexpr const char* kRunId = "RUN";

/// Both users of a run, as the name service knows them.
struct People {
  Account target;
  std::string caller;
};

/// Error: why there is nobody to run it as.
uds::Result<People, std::string> find_people(const Declaration& declared, uid_t target,
                                             const DeclarationRules& rules, uid_t caller) {
  auto account = target_account(declared, target, rules);
  if (!account) return account.error();
  return People{*std::move(account), user_name(caller)};
}

Json paths_of(const std::vector<HandedPath>& paths) {
  Json out = Json::array();
  for (const HandedPath& each : paths) {
    Json path = Json::object();
    path["descriptor"] = each.descriptor;
    path["below"] = each.directory;
    path["path"] = each.path;
    out.push_back(std::move(path));
  }
  return out;
}

struct Plan {
  std::vector<std::string> argv;
  std::vector<HandedPath> paths;
  std::map<std::string, std::string> environment;
  std::string rule;
};

Json describe_plan(const Declaration& declared, const Account& target, Plan plan) {
  Json out = Json::object();
  out["command"] = declared.name;
  out["argv"] = std::move(plan.argv);
  if (!plan.paths.empty()) out["paths"] = paths_of(plan.paths);
  out["user"] = target.name;
  out["uid"] = target.uid;
  out["gid"] = target.gid;
  out["groups"] = target.groups;
  out["cwd"] = declared.directory;
  out["umask"] = format_mode(declared.umask);
  out["env"] = std::move(plan.environment);
  out["limits"] = limits_of(declared.limits);
  out["stdin"] = input_of(declared.input);
  out["timeout_ms"] = declared.timeout ? Json(declared.timeout->count()) : Json();
  out["grace_ms"] = declared.grace.count();
  out["on_disconnect"] = declared.disconnect.detach ? "detach" : "kill";
  out["declared_at"] = declared.origin.file + ":" + std::to_string(declared.origin.line);
  out["hash"] = declared.hash;
  out["rule"] = std::move(plan.rule);
  return out;
}

uds::Response does_not_fit(const std::string& why) {
  return uds::Response::error(uds::Code::InvalidArgs, "the arguments do not fit: " + why);
}

/// What is answered where nothing of this name may be run as a declared command.
uds::Response nothing_declared(Control& control, const uds::Call& call, const std::string& name) {
  const auto* entry = control.commands().find(name);
  const bool built_in = entry != nullptr && !control.catalog().find(name) &&
                        entry->command.access().allows(call.peer(), call.admin());
  if (!built_in) return control.commands().unknown(name, call.peer());
  return uds::Response::error(uds::Code::UnknownCommand,
                              name +
                                  " is built in and not declared, so it executes nothing; help "
                                  "says what it does");
}

}  // namespace

uds::Command describe_explain() {
  uds::Command command("explain");
  command.summary("Show what a declared command would run, without running it");
  command.arg("command", uds::schema::string().required().summary("its name"));
  command.arg("args", uds::schema::object().open().summary("its arguments"));
  return command;
}

uds::Task<uds::Response> explain(Control& control, uds::Call& call) {
  const auto name = call.args().at("command").get<std::string>();
  const auto declared = control.catalog().find(name);
  const Decision decision =
      declared ? decide(*declared, call.peer(), call.admin()) : Decision{false, ""};
  if (!decision.allowed) co_return nothing_declared(control, call, name);
  const auto target = target_uid(*declared, call.peer().uid, control.catalog().rules());
  if (!target) co_return uds::Response::error(uds::Code::PermissionDenied, target.error());
  auto texts = judge_arguments(
      *declared, call.args().contains("args") ? call.args().at("args") : Json::object());
  if (!texts) co_return does_not_fit(texts.error());
  if (const auto argv = declared->exec.expand(*texts); !argv) co_return does_not_fit(argv.error());
  // The name service may ask the network.
  auto work = [declared, uid = *target, rules = control.catalog().rules(),
               caller = call.peer().uid](std::stop_token) {
    return find_people(*declared, uid, rules, caller);
  };
  const auto people = co_await uds::blocking(std::move(work));
  if (!people) co_return uds::Response::error(uds::Code::PermissionDenied, people.error());
  Plan plan;
  plan.paths = hand_over_paths(*declared, *texts);
  plan.argv = declared->exec.expand(*texts).value();
  const CallerName caller{call.peer().uid, people->caller};
  plan.environment = environment_of(*declared, people->target, caller, kRunId);
  plan.rule = decision.rule;
  co_return uds::Response::ok("this would be run",
                              describe_plan(*declared, people->target, std::move(plan)));
}

}  // namespace udsd
