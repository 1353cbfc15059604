// Who may run a declared command, and who may watch its runs. Pure: udsd and udsd-exec both ask it,
// of the same declaration and of what the kernel says of the caller.
//
// An administrator may run a command only where it says `admins = true`, or names nobody at all.
// Whoever is_nobody() may do nothing.
#pragma once

#include <string>

#include "declared/declaration.hpp"
#include "declared/rules.hpp"
#include "uds/access.hpp"
#include "uds/peer.hpp"
#include "uds/result.hpp"

namespace udsd {

struct Decision {
  bool allowed = false;
  /// The rule that decided, such as "user deploy", "group webops" or "admin"; where it is denied,
  /// what is lacking: "needs user deploy or group webops".
  std::string rule;
};

/// Whether `peer` may run the command. `admin`: whether it is an administrator of this instance.
Decision decide(const Declaration& declared, const uds::Peer& peer, bool admin);
/// Whether `peer` may see all runs of the command: those whom `watch` names, and administrators.
/// Its own runs everybody sees.
Decision may_watch(const Declaration& declared, const uds::Peer& peer, bool admin);

/// The uid that a run started by `caller` has. Error: why an instance with these rules cannot give
/// it, a sentence.
uds::Result<uid_t, std::string> target_uid(const Declaration& declared, uid_t caller,
                                           const DeclarationRules& rules);

/// The same rule as decide(), for the table of commands. Only those who may watch, and
/// administrators, learn that there is a command which they may not run.
uds::Access access_of(const Declaration& declared);

}  // namespace udsd
