// Bodies of packets.hpp.
#include "shared/packets.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "ancillary.hpp"
#include "uds/error.hpp"

namespace udsd {

Received receive_packet(int socket) {
  Received out;
  // A byte more, by which a packet that is too long shows.
  constexpr std::size_t kRoom = exec_messages::kMostBytes + 1;
  const auto room = std::make_unique_for_overwrite<char[]>(kRoom);
  uds::detail::Passed passed;
  const ssize_t size = uds::detail::receive_with_descriptors(socket, {room.get(), kRoom}, passed);
  if (size < 0) {
    if (errno == EAGAIN)
      out.state = Received::State::Again;
    else if (errno == ECONNRESET || errno == EPIPE)
      out.state = Received::State::End;
    else
      out.problem = uds::Error::from_errno("cannot read from the channel", errno).message();
    return out;
  }
  if (size == 0 && passed.descriptors.empty()) {
    out.state = Received::State::End;
    return out;
  }
  if (static_cast<std::size_t>(size) > exec_messages::kMostBytes || passed.truncated ||
      passed.descriptors.size() > exec_messages::kMostDescriptors) {
    out.problem = "a packet is too long, or has too many descriptors";
    return out;
  }
  auto message = exec_messages::decode({room.get(), static_cast<std::size_t>(size)});
  // It may have held a secret.
  ::explicit_bzero(room.get(), static_cast<std::size_t>(size));
  if (!message) {
    out.problem = message.error();
    return out;
  }
  out.state = Received::State::Packet;
  out.message = *std::move(message);
  out.descriptors = std::move(passed.descriptors);
  return out;
}

bool send_packet(int socket, const exec_messages::Message& message,
                 const uds::Descriptors& descriptors) {
  const std::string packet = exec_messages::encode(message);
  const ssize_t size = uds::detail::send_with_descriptors(socket, packet, descriptors);
  return size == static_cast<ssize_t>(packet.size());
}

}  // namespace udsd
