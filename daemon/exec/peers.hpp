// Those whom a shim tells how its run goes, and who may give it orders: udsd over the channel that
// the run was started by, and udsd again, after a restart of its own, over the control socket.
#pragma once

#include <poll.h>

#include <functional>
#include <vector>

#include "exec/instance.hpp"
#include "shared/exec_messages.hpp"
#include "uds/fd.hpp"

namespace udsd {

class Peers {
 public:
  /// Called with each message; `first`: it came over the channel that started the run.
  using Handler = std::function<void(const exec_messages::Message&, bool first)>;

  Peers(uds::Fd channel, uds::Fd listener, const Instance& instance);

  /// Adds what is to be waited for.
  void add_to(std::vector<pollfd>& entries) const;
  /// Reads from whoever has something, and accepts who is new: `greet` is sent to those.
  void serve(const std::vector<exec_messages::Message>& greet, const Handler& handle);
  /// Sends to all; who does not read at once does not get it.
  void tell(const exec_messages::Message& message);
  /// Whether the channel that started the run is still there.
  [[nodiscard]] bool has_first() const noexcept;

 private:
  void accept_all(const std::vector<exec_messages::Message>& greet);

  struct Peer {
    uds::Fd socket;
    bool first;
  };
  std::vector<Peer> peers_;
  uds::Fd listener_;
  const Instance& instance_;
};

}  // namespace udsd
