// One open connection of a server, as it was when asked. A plain value.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "uds/peer.hpp"

namespace uds {

struct ConnectionInfo {
  std::uint64_t number;  ///< unique for the life of the server
  Peer peer;
  std::chrono::milliseconds age;
  std::size_t requests_in_flight;
  std::size_t queued_bytes;  ///< output that the peer has not taken yet
};

}  // namespace uds
