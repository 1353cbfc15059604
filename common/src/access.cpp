// Bodies of uds/access.hpp.
#include "uds/access.hpp"

#include <algorithm>

namespace uds {

namespace {

void append_numbers(std::string& out, std::string_view label, const auto& numbers) {
  if (numbers.empty()) return;
  if (!out.empty()) out += ", ";
  out += label;
  for (const auto number : numbers) {
    out += ' ';
    out += std::to_string(number);
  }
}

}  // namespace

bool Principals::contains(const Peer& peer) const noexcept {
  if (is_nobody(peer.uid)) return false;
  return std::ranges::find(users_, peer.uid) != users_.end() ||
         std::ranges::any_of(groups_, [&](gid_t group) { return peer.in_group(group); });
}

Access Access::everyone() {
  return Access(true);
}

Access Access::admins() {
  return Access(false);
}

Access Access::only(Principals who) {
  Access rule(false);
  rule.who_ = std::move(who);
  return rule;
}

Access Access::exactly(Principals who) {
  Access rule = only(std::move(who));
  rule.admins_ = false;
  return rule;
}

[[gnu::hot]] bool Access::allows(const Peer& peer, bool admin) const noexcept {
  return everyone_ || (admins_ && admin) || who_.contains(peer);
}

bool Access::hidden_from(const Peer& peer, bool admin) const noexcept {
  return hidden_ && !(known_to_admins_ && admin) && !known_.contains(peer);
}

std::string Access::to_string() const {
  if (!words_.empty()) return words_;
  if (everyone_) return "everyone";
  std::string out = admins_ ? "admin" : "";
  append_numbers(out, "users", who_.users());
  append_numbers(out, "groups", who_.groups());
  return out.empty() ? "nobody" : out;
}

}  // namespace uds
