// Asks the kernel who is at the other end of a connected Unix socket.
#pragma once

#include "uds/peer.hpp"
#include "uds/result.hpp"

#include <sys/types.h>

namespace uds::detail {

/// uid, gid and pid by SO_PEERCRED, supplementary groups by SO_PEERGROUPS (unix(7), socket(7)), as
/// they were when the peer connected. Any failure is an error: whoever asks must then deny.
Result<Peer> peer_credentials(int descriptor);
/// Only the uid: half the work, for who asks nothing else.
Result<uid_t> peer_uid(int descriptor);

}  // namespace uds::detail
