// can-i: whether a caller, or for administrators anybody, may run a command, and by which rule.
#include <stop_token>
#include <utility>

#include "commands/commands.hpp"
#include "commands/policy_questions.hpp"
#include "declared/policy.hpp"
#include "host_accounts.hpp"
#include "uds/accounts.hpp"
#include "uds/asio.hpp"

namespace udsd {
namespace {

uds::Json answer_of(bool allowed, std::string rule, std::string reason) {
  uds::Json data = uds::Json::object();
  data["allowed"] = allowed;
  if (!rule.empty()) data["rule"] = std::move(rule);
  if (!reason.empty()) data["reason"] = std::move(reason);
  return data;
}

uds::Response said(uds::Json answer) {
  const char* word = answer.at("allowed").get<bool>() ? "yes" : "no";
  return uds::Response::ok(word, std::move(answer));
}

uds::Json judge(const Control& control, const uds::Call& call, const uds::Peer& who, bool admin) {
  const auto name = call.args().at("command").get<std::string>();
  const auto declared = control.catalog().find(name);
  if (!declared) {
    const auto* entry = control.commands().find(name);
    const bool allowed = entry != nullptr && entry->command.access().allows(who, admin);
    if (!allowed) return answer_of(false, "", "there is no such command for this user");
    return answer_of(true, entry->command.access().to_string(), "");
  }
  const Decision decision = decide(*declared, who, admin);
  if (!decision.allowed) {
    // To a caller who may not know a command, unknown and denied look the same.
    const bool known = call.admin() || may_watch(*declared, call.peer(), call.admin()).allowed;
    if (!known) return answer_of(false, "", "there is no such command for this user");
    return answer_of(false, decision.rule, "the rule does not allow it");
  }
  if (const auto uid = target_uid(*declared, who.uid, control.catalog().rules()); !uid)
    return answer_of(false, decision.rule, uid.error());
  if (!call.args().contains("args")) return answer_of(true, decision.rule, "");
  const auto texts = judge_arguments(*declared, call.args().at("args"));
  if (!texts) return answer_of(false, decision.rule, texts.error());
  const auto argv = declared->exec.expand(*texts);
  if (!argv) return answer_of(false, decision.rule, argv.error());
  return answer_of(true, decision.rule, "");
}

}  // namespace

uds::Command describe_can_i() {
  uds::Command command("can-i");
  command.summary("Say whether you may run a command; administrators: whether a user may");
  command.arg("command", uds::schema::string().required().summary("its name"));
  command.arg("args", uds::schema::object().open().summary("the arguments, to be judged, too"));
  command.arg("user", uds::schema::string().summary("for administrators: of whom"));
  return command;
}

uds::Task<uds::Response> can_i(Control& control, uds::Call& call) {
  if (!call.args().contains("user")) {
    co_return said(judge(control, call, call.peer(), call.admin()));
  }
  if (!call.admin())
    co_return uds::Response::error(uds::Code::PermissionDenied,
                                   "only administrators may ask about others");
  // The name service may ask the network.
  auto work = [name = call.args().at("user").get<std::string>()](std::stop_token) {
    const auto uid = uds::find_user(name);
    return uid ? peer_of_user(*uid) : std::nullopt;
  };
  const std::optional<uds::Peer> who = co_await uds::blocking(std::move(work));
  if (!who) co_return uds::Response::error(uds::Code::NotFound, "there is no such user here");
  co_return said(judge(control, call, *who, control.commands().is_admin(*who)));
}

}  // namespace udsd
