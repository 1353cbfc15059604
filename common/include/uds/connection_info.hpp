// One open connection of a server, and what runs on it, as it was when asked. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "uds/message.hpp"
#include "uds/peer.hpp"

namespace uds {

/// A request that has no final response yet.
struct RequestInfo {
  RequestId id;                   ///< absent where the request has none
  std::string command;            ///< one that the server has
  std::chrono::milliseconds age;  ///< since it was read
};

/// What Server::list_connections() tells of one connection.
struct ConnectionInfo {
  std::uint64_t number;               ///< unique for the life of the server
  Peer peer;                          ///< who is at the other end
  std::chrono::milliseconds age;      ///< since it was accepted
  std::size_t requests_in_flight;     ///< coroutine handlers of it that have not ended
  std::size_t queued_bytes;           ///< output that the peer has not taken yet
  std::vector<RequestInfo> requests;  ///< those in flight, oldest first
};

}  // namespace uds
