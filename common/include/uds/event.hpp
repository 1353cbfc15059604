// What happens in a server, for those who watch it. A view: it holds nothing, and is valid only
// while the observer is called.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

#include "uds/message.hpp"
#include "uds/peer.hpp"

namespace uds {

/// One thing that happened in a server. All it refers to is valid only during the call of the
/// observer.
struct Event {
  /// What happened.
  enum class Kind {
    ConnectionOpened,   ///< a connection was accepted
    ConnectionRefused,  ///< `reason` is the limit; there is no number
    ConnectionClosed,   ///< `reason` is why the server ended it; empty if the peer did
    RequestStarted,     ///< only for handlers that are coroutines
    RequestFinished,    ///< `reason` is the error code, or "ok"
  };
  Kind kind;                      ///< what happened
  const Peer& peer;               ///< who is at the other end
  std::uint64_t connection = 0;   ///< its number, unique for the life of the server; 0 if refused
  std::string_view reason = {};   ///< see Kind
  std::string_view command = {};  ///< foreign text where there is no such command
  const RequestId* id = nullptr;  ///< of the request; null where there is none
  /// From the turn of a request, or of those for the same command right before it, to its final
  /// response.
  std::chrono::microseconds took{0};
};

/// Called on the serving thread, for each Event as it happens but for those that Server::observe()
/// lets it leave out; must neither block nor throw.
using Observer = std::function<void(const Event&)>;

}  // namespace uds
