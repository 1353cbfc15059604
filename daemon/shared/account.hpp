// Users of this host with all that a process of theirs needs. Asks the name service, so never after
// a fork.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "declared/declaration.hpp"
#include "declared/rules.hpp"
#include "uds/result.hpp"

namespace udsd {

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< sorted, each once, `gid` among them
  std::string name;
  std::string home;
  std::string shell;
};

/// The user that has `uid`, with its groups. Error: there is none, or the name service failed.
uds::Result<Account, std::string> find_account(uid_t uid);
/// The same by name, or by a number in decimal.
uds::Result<Account, std::string> find_account(const std::string& name);
/// The account that a run of `declared` with `uid` has: what target_uid() gave by `rules`. `group`
/// counts only where there is the right to change ids; else groups are those of this process.
uds::Result<Account, std::string> target_account(const Declaration& declared, uid_t uid,
                                                 const DeclarationRules& rules);
/// Only the name; the number where nobody has it.
std::string user_name(uid_t uid);

}  // namespace udsd
