// Bodies of lint.hpp.
#include "declared/lint.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "declared/policy.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

/// Spellings of a pattern that says nothing. Others exist; this is for those that people write.
bool matches_everything(std::string_view pattern) {
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  if (pattern.ends_with('$')) pattern.remove_suffix(1);
  constexpr std::array<std::string_view, 8> kAll{".*",     ".+",     "(.*)",      "(.+)",
                                                 "(?s).*", "(?s).+", "[\\s\\S]*", "[\\s\\S]+"};
  return std::ranges::find(kAll, pattern) != kAll.end();
}

class Linter {
 public:
  Linter(const Declaration& declared, const DeclarationRules& rules, const LintHost& host)
      : declared_(declared), rules_(rules), host_(host) {}

  std::vector<std::string> warnings() && {
    check_rule(declared_.allow, "may run " + declared_.name);
    check_rule(declared_.watch, "may watch " + declared_.name);
    if (declared_.unsafe_exec)
      warn(declared_.name + " says unsafe_exec = true: see that " + declared_.exec.program() +
           " can take no value for code, a command or an option");
    for (const Parameter& each : declared_.parameters) check_parameter(each);
    check_host();
    return std::move(warnings_);
  }

 private:
  void check_parameter(const Parameter& each) {
    if (matches_everything(each.pattern))
      warn("the pattern " + uds::log_quote(each.pattern) + " of " + each.name +
           " matches everything; say which values are meant, or leave it out");
    const bool is_number =
        each.type == Parameter::Type::Integer || each.type == Parameter::Type::Number;
    if (is_number && each.allowed.empty() && each.minimum.value_or(-1) < 0 &&
        declared_.refuses_hyphen(each.name))
      warn(declared_.name + ": " + each.name +
           " may be negative by its rule, and its place in exec refuses what begins with a hyphen; "
           "say minimum = 0, or put \"--\" or a text of your own before it");
  }

  /// What keeps every run from its command, as the host is now.
  void check_host() {
    if (const auto why = host_.program_fault(declared_.exec.program()))
      warn(declared_.name + ": " + declared_.exec.program() + " " + *why +
           ", so no run can start it");
    if (const auto why = host_.directory_fault(declared_.directory))
      warn(declared_.name + ": cwd " + declared_.directory + " " + *why +
           ", so no run can start there");
    for (const Parameter& each : declared_.parameters)
      if (const auto why = each.below.empty() ? std::nullopt : host_.directory_fault(each.below))
        warn(declared_.name + ": " + each.below + ", where " + each.name + " lies, " + *why);
    if (declared_.run_as.caller) return;
    if (const auto uid = target_uid(declared_, declared_.run_as.uid, rules_); !uid)
      warn(uid.error());
  }

  void check_rule(const uds::Principals& who, const std::string& what) {
    for (const uid_t uid : who.users()) {
      const auto peer = host_.user(uid);
      if (peer && !may_connect(host_.door, *peer))
        warn(declared_.names.user(uid) + " " + what + " but cannot connect: " + remedy(uid));
    }
    for (const gid_t gid : who.groups())
      if (host_.is_empty_group(gid))
        warn("group " + declared_.names.group(gid) + " " + what + " and has no members");
  }

  /// How `uid` gets through the door.
  [[nodiscard]] std::string remedy(uid_t uid) const {
    const bool by_group = (host_.door.mode & 0020U) != 0 && uid != host_.door.owner;
    // Nobody is to join the group of root for this.
    if (by_group && host_.door.group == 0)
      return "the group of the socket is that of root; give it another";
    if (by_group) return "adduser " + declared_.names.user(uid) + " " + host_.door.group_name;
    return "the mode of the socket keeps it out";
  }

  void warn(const std::string& what) {
    warnings_.push_back(declared_.origin.file + ":" + std::to_string(declared_.origin.line) + ": " +
                        what);
  }

  const Declaration& declared_;
  const DeclarationRules& rules_;
  const LintHost& host_;
  std::vector<std::string> warnings_;
};

}  // namespace

bool may_connect(const SocketDoor& door, const uds::Peer& peer) noexcept {
  if (peer.uid == 0) return true;
  if (peer.uid == door.owner) return (door.mode & 0200U) != 0;
  if (peer.in_group(door.group)) return (door.mode & 0020U) != 0;
  return (door.mode & 0002U) != 0;
}

std::vector<std::string> lint(const Declaration& declared, const DeclarationRules& rules,
                              const LintHost& host) {
  return Linter(declared, rules, host).warnings();
}

}  // namespace udsd
