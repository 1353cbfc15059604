// Bodies of accept.hpp. Every way out but the last is a refusal.
#include "exec/accept.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

#include "declared/policy.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

using exec_messages::Refused;

/// Whom the command runs as.
uds::Result<Account, std::string> find_target(const Instance& instance, const Caller& caller,
                                              const Declaration& declared) {
  const DeclarationRules rules = rules_of(instance);
  const auto uid = target_uid(declared, caller.peer.uid, rules);
  if (!uid) return uid.error();
  return target_account(declared, *uid, rules);
}

}  // namespace

uds::Result<Order, Refused> accept_order(const Instance& instance, const Caller& caller,
                                         const exec_messages::Start& start) {
  auto commands = load_commands(instance);
  if (!commands) {
    // Not for the caller, who may not know all commands.
    std::cerr << "udsd-exec: " << commands.error() << '\n';
    return Refused{
        "internal",
        "the declarations of this host cannot be used; an administrator finds out why by "
        "udsd --check-config",
        {}};
  }
  const auto found = std::ranges::find(*commands, start.command, &Declaration::name);
  if (found == commands->end())
    return Refused{"unknown_command",
                   "there is no command " + uds::log_quote(start.command) + " on this host",
                   {}};
  Declaration& declared = *found;
  const Decision decision = decide(declared, caller.peer, instance.is_admin(caller.peer));
  if (!decision.allowed)
    return Refused{"permission_denied",
                   caller.user + " may not run " + declared.name + ": " + decision.rule,
                   decision.rule};
  if (declared.hash != start.hash)
    return Refused{
        "busy",
        "the declarations have changed since udsd read them; reload udsd, then try again",
        {}};
  if (const auto problem = declared.problem(start.arguments))
    return Refused{"invalid_args", *problem, {}};
  if (const auto argv = declared.exec.expand(start.arguments); !argv)
    return Refused{"invalid_args", argv.error(), {}};
  auto target = find_target(instance, caller, declared);
  if (!target) return Refused{"permission_denied", target.error(), {}};
  const bool changes_ids = instance.own == 0;
  return Order{std::move(declared), start.arguments, decision.rule, *std::move(target),
               changes_ids};
}

}  // namespace udsd
