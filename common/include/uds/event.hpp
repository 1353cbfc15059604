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

struct Event {
  enum class Kind {
    ConnectionOpened,
    ConnectionRefused,  ///< `reason` is the limit; there is no number
    ConnectionClosed,   ///< `reason` is why the server ended it; empty if the peer did
    RequestStarted,     ///< only for handlers that are coroutines
    RequestFinished,    ///< `reason` is the error code, or "ok"
  };
  Kind kind;
  const Peer& peer;
  std::uint64_t connection = 0;
  std::string_view reason = {};
  std::string_view command = {};  ///< foreign text where there is no such command
  const RequestId* id = nullptr;
  std::chrono::microseconds took{0};
};

/// Called on the serving thread; must neither block nor throw.
using Observer = std::function<void(const Event&)>;

}  // namespace uds
