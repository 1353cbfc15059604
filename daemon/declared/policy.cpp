// Bodies of policy.hpp.
#include "declared/policy.hpp"

#include <algorithm>
#include <optional>

namespace udsd {
namespace {

bool is_empty(const uds::Principals& who) {
  return who.users().empty() && who.groups().empty();
}

/// Administrators may run the command too.
bool admins_count(const Declaration& declared) {
  return declared.admins || is_empty(declared.allow);
}

/// Which user or group of `who` the peer is; nothing if it is none.
std::optional<std::string> match(const uds::Principals& who, const AccountNames& names,
                                 const uds::Peer& peer) {
  if (!who.contains(peer)) return std::nullopt;
  if (std::ranges::find(who.users(), peer.uid) != who.users().end())
    return "user " + names.user(peer.uid);
  const auto group =
      std::ranges::find_if(who.groups(), [&](gid_t gid) { return peer.in_group(gid); });
  return "group " + names.group(*group);
}

std::string lacking(const uds::Principals& who, const AccountNames& names, bool admins) {
  std::vector<std::string> all;
  for (const uid_t uid : who.users()) all.push_back("user " + names.user(uid));
  for (const gid_t gid : who.groups()) all.push_back("group " + names.group(gid));
  if (admins) all.emplace_back("admin");
  std::string text = "needs ";
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (at > 0) text += at + 1 == all.size() ? " or " : ", ";
    text += all[at];
  }
  return text;
}

Decision decide_by(const uds::Principals& who, const AccountNames& names, bool admins,
                   const uds::Peer& peer, bool admin) {
  if (uds::is_nobody(peer.uid))
    return {false, "uid " + std::to_string(peer.uid) + " is nobody in particular"};
  if (auto matched = match(who, names, peer)) return {true, *std::move(matched)};
  if (admins && admin) return {true, "admin"};
  return {false, lacking(who, names, admins)};
}

}  // namespace

Decision decide(const Declaration& declared, const uds::Peer& peer, bool admin) {
  return decide_by(declared.allow, declared.names, admins_count(declared), peer, admin);
}

Decision may_watch(const Declaration& declared, const uds::Peer& peer, bool admin) {
  return decide_by(declared.watch, declared.names, true, peer, admin);
}

uds::Result<uid_t, std::string> target_uid(const Declaration& declared, uid_t caller,
                                           const DeclarationRules& rules) {
  const RunAs& run_as = declared.run_as;
  const bool unsaid = run_as.user.empty() && !rules.system;
  const uid_t uid = unsaid ? rules.owner : run_as.caller ? caller : run_as.uid;
  if (uds::is_nobody(uid) && run_as.caller)
    return "uid " + std::to_string(uid) + " is nobody in particular, and no command runs as that";
  if (rules.owner != 0 && uid != rules.owner)
    return declared.name + " runs as uid " + std::to_string(uid) +
           ", and this udsd has the rights of uid " + std::to_string(rules.owner) +
           " only; run it on the system instance";
  if (rules.system && rules.daemon != 0 && uid == rules.daemon)
    return std::string("no command may run as udsd itself; give it a user of its own");
  return uid;
}

uds::Access access_of(const Declaration& declared) {
  uds::Access rule = admins_count(declared) ? uds::Access::only(declared.allow)
                                            : uds::Access::exactly(declared.allow);
  return rule.known_to(declared.watch)
      .in_words(lacking(declared.allow, declared.names, admins_count(declared)));
}

}  // namespace udsd
