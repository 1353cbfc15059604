// Who may run a command: rules over what the kernel said of the peer. Pure; unknown means denied.
//
// Names are resolved to numbers when a rule is made, never when it is asked. uid -1 and the
// overflow uid 65534 match no rule that names users or groups, since they stand for "nobody in
// particular".
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "uds/peer.hpp"

namespace uds {

/// Whether `uid` stands for nobody in particular: no uid at all, or the kernel's overflow uid,
/// which stands for every uid that it cannot show (user_namespaces(7)). It is nobody's own.
constexpr bool is_nobody(uid_t uid) noexcept {
  return uid == static_cast<uid_t>(-1) || uid == 65'534;
}

/// A set of users and groups; either is enough. Empty by default: matches nobody.
class Principals {
 public:
  /// Adds a user.
  Principals& user(uid_t uid) {
    users_.push_back(uid);
    return *this;
  }
  /// Adds a group.
  Principals& group(gid_t gid) {
    groups_.push_back(gid);
    return *this;
  }

  /// Whether `peer` is one of the users, or one of its groups, primary or supplementary, is among
  /// ours. Never for a peer that is_nobody().
  [[nodiscard]] bool contains(const Peer& peer) const noexcept;
  /// The users, in the order they were added.
  [[nodiscard]] const std::vector<uid_t>& users() const noexcept { return users_; }
  /// The groups, in the order they were added.
  [[nodiscard]] const std::vector<gid_t>& groups() const noexcept { return groups_; }

 private:
  std::vector<uid_t> users_;
  std::vector<gid_t> groups_;
};

/// The rule of one command: a value, asked on each request. Administrators (Router::is_admin())
/// pass every rule but exactly(). Whoever fails it is answered `permission_denied`, and the handler
/// never runs.
class Access {
 public:
  /// Whoever could open the socket.
  static Access everyone();
  /// Administrators and nobody else.
  static Access admins();
  /// Administrators and `who`.
  static Access only(Principals who);
  /// `who` and nobody else: being an administrator is not enough.
  static Access exactly(Principals who);

  /// To those whom the rule does not allow, the command does not exist: they are answered
  /// `unknown_command`.
  Access& hide() noexcept {
    hidden_ = true;
    return *this;
  }
  /// As hide(), but administrators and `who` may know of the command: they are answered
  /// `permission_denied`.
  Access& known_to(Principals who) {
    hidden_ = true;
    known_to_admins_ = true;
    known_ = std::move(who);
    return *this;
  }
  /// Replaces what to_string() says, for a rule whose owner has better words than numbers.
  Access& in_words(std::string words) {
    words_ = std::move(words);
    return *this;
  }
  /// Whether the command does not exist for `peer`, whom the rule does not allow.
  [[nodiscard]] bool hidden_from(const Peer& peer, bool admin) const noexcept;

  /// Whether `peer` may run the command. `admin`: whether it is an administrator of this server.
  [[nodiscard]] bool allows(const Peer& peer, bool admin) const noexcept;
  /// The rule in words, such as "admin" or "admin, users 1000, groups 27"; "everyone" for the open
  /// one, "nobody" for exactly() an empty set; or what in_words() was given.
  [[nodiscard]] std::string to_string() const;

 private:
  explicit Access(bool open) : everyone_(open) {}

  bool everyone_;
  bool admins_ = true;
  bool hidden_ = false;
  bool known_to_admins_ = false;
  Principals who_;
  Principals known_;
  std::string words_;
};

}  // namespace uds
