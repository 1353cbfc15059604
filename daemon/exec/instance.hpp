// Whose udsd-exec this is, and where its things are: what the command line and the configuration
// file say, read by udsd-exec itself and never told by udsd.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "declared/declaration.hpp"
#include "declared/rules.hpp"
#include "exec/options.hpp"
#include "uds/access.hpp"
#include "uds/peer.hpp"
#include "uds/result.hpp"

namespace udsd {

struct Instance {
  bool is_private = false;
  uid_t own = 0;  ///< of udsd-exec
  struct Daemon {
    uid_t uid;
    gid_t gid;
  };
  std::optional<Daemon> daemon;  ///< the user of udsd, where it is another one
  uds::Principals admins;
  std::vector<std::string> commands_dirs;
  std::string state_dir;

  /// Whether a process of `uid` may give orders over a channel.
  [[nodiscard]] bool may_order(uid_t uid) const noexcept;
  [[nodiscard]] bool is_admin(const uds::Peer& peer) const noexcept;
};

/// Error: what is wrong, and what to do.
uds::Result<Instance, std::string> load_instance(const ExecOptions& options);
/// What declarations may say there.
DeclarationRules rules_of(const Instance& instance);
/// The declarations, read anew. Error: all that is wrong with them.
uds::Result<std::vector<Declaration>, std::string> load_commands(const Instance& instance);

}  // namespace udsd
