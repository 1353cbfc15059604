// Users of this host with their groups, as the name service has them. For questions that an
// administrator asks; who a caller is comes from the kernel.
#pragma once

#include <sys/types.h>

#include <optional>

#include "uds/peer.hpp"

namespace udsd {

/// The user with all groups that a login would give it, and no process; nothing if it has no
/// account.
std::optional<uds::Peer> peer_of_user(uid_t uid);
/// Whether nobody is listed as a member of the group, and it is nobody's primary one. True for a
/// number that is no group.
bool is_empty_group(gid_t gid);

}  // namespace udsd
