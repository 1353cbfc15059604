// Bodies of peers.hpp.
#include "exec/peers.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "exec/channel.hpp"
#include "shared/packets.hpp"

namespace udsd {
namespace {

/// udsd has one; more are of no use to anybody.
constexpr std::size_t kMostPeers = 8;
constexpr int kMostPackets = 16;

}  // namespace

Peers::Peers(uds::Fd channel, uds::Fd listener, const Instance& instance)
    : listener_(std::move(listener)), instance_(instance) {
  peers_.push_back({std::move(channel), true});
}

void Peers::add_to(std::vector<pollfd>& entries) const {
  entries.push_back({listener_.get(), POLLIN, 0});
  for (const Peer& each : peers_) entries.push_back({each.socket.get(), POLLIN, 0});
}

void Peers::serve(const std::vector<exec_messages::Message>& greet, const Handler& handle) {
  for (Peer& peer : peers_) {
    // A flood is not to keep the shim from all else; poll(2) comes back to the rest.
    for (int left = kMostPackets; peer.socket && left > 0; --left) {
      const Received received = receive_packet(peer.socket.get());
      if (received.state == Received::State::Again) break;
      if (received.state == Received::State::Packet)
        handle(*received.message, peer.first);
      else
        peer.socket.reset();
    }
  }
  std::erase_if(peers_, [](const Peer& peer) { return !peer.socket; });
  accept_all(greet);
}

void Peers::accept_all(const std::vector<exec_messages::Message>& greet) {
  for (;;) {
    uds::Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    const auto uid = channel_peer(socket.get());
    if (!uid || !instance_.may_order(*uid) || peers_.size() >= kMostPeers) continue;
    for (const auto& message : greet) static_cast<void>(send_packet(socket.get(), message));
    peers_.push_back({std::move(socket), false});
  }
}

void Peers::tell(const exec_messages::Message& message) {
  for (const Peer& peer : peers_) static_cast<void>(send_packet(peer.socket.get(), message));
}

bool Peers::has_first() const noexcept {
  return std::ranges::any_of(peers_, &Peer::first);
}

}  // namespace udsd
