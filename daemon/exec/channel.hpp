// Who is at the other end of a channel of udsd.
#pragma once

#include <sys/types.h>

#include <string>

#include "uds/result.hpp"

namespace udsd {

/// The uid of the process at the other end. Error: it is no connected SOCK_SEQPACKET Unix socket.
uds::Result<uid_t, std::string> channel_peer(int socket);

}  // namespace udsd
