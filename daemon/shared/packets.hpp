// Packets of exec_messages.hpp over a connected SOCK_SEQPACKET socket, with descriptors: the system
// calls, for both ends.
//
// Never waits, owns no socket, and keeps no descriptor that came with a packet which is refused.
#pragma once

#include <optional>
#include <string>

#include "shared/exec_messages.hpp"
#include "uds/descriptors.hpp"

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
  uds::Descriptors descriptors;  ///< close-on-exec
  std::string problem;
};

/// The next packet.
Received receive_packet(int socket);
/// Whether the kernel took it, with `descriptors`, which stay the caller's. A socket that is full,
/// or whose other end is gone, gives false.
bool send_packet(int socket, const exec_messages::Message& message,
                 const uds::Descriptors& descriptors = {});

}  // namespace udsd
