// Who is at the other end of a connection, as the kernel said when it was accepted.
//
// A value without a default: nobody becomes uid 0 by forgetting to fill it. Decisions use uid, gid
// and groups; the pid is for logs, since it may be reused.
#pragma once

#include <sys/types.h>

#include <utility>
#include <vector>

namespace uds {

/// The process that made a connection, as it was then. A value.
class Peer {
 public:
  /// `groups` are the supplementary groups; the primary one need not be among them.
  Peer(uid_t peer_uid, gid_t peer_gid, pid_t peer_pid, std::vector<gid_t> supplementary)
      : uid(peer_uid), gid(peer_gid), pid(peer_pid), groups(std::move(supplementary)) {}

  /// Whether `group` is its primary or a supplementary one.
  [[nodiscard]] bool in_group(gid_t group) const noexcept {
    if (group == gid) return true;
    for (const gid_t member : groups)
      if (member == group) return true;
    return false;
  }

  uid_t uid;                  ///< its effective user
  gid_t gid;                  ///< its effective group
  pid_t pid;                  ///< for logs only: it may name another process by now
  std::vector<gid_t> groups;  ///< its supplementary groups
};

}  // namespace uds
