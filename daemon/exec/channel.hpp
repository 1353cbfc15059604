// Packets of exec_messages.hpp over a connected SOCK_SEQPACKET socket, with descriptors. Owns no
// socket, and keeps no descriptor that came with a packet which is refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/exec_messages.hpp"
#include "uds/fd.hpp"

namespace udsd {

/// What a socket gave.
struct Received {
  enum class State {
    Packet,  ///< there is a message
    End,     ///< the other end is gone
    Again,   ///< nothing yet
    Bad,     ///< it broke the rules; `problem` says how
  };
  State state = State::Bad;
  std::optional<exec_messages::Message> message;
  std::vector<uds::Fd> descriptors;  ///< close-on-exec
  std::string problem;
};

/// The next packet, of at most two descriptors. `flags` as in recvmsg(2): MSG_DONTWAIT or 0.
Received receive_packet(int socket, int flags);
/// Whether the kernel took it. A socket that is full, or whose other end is gone, gives false.
bool send_packet(int socket, const exec_messages::Message& message, int flags = 0);

/// The uid of the process at the other end. Error: it is no connected SOCK_SEQPACKET Unix socket.
uds::Result<uid_t, std::string> channel_peer(int socket);

}  // namespace udsd
