// Bodies of channel.hpp.
#include "exec/channel.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "exec/socket_option.hpp"
#include "peer_credentials.hpp"

namespace udsd {
namespace {

constexpr std::size_t kMostDescriptors = 2;

std::vector<uds::Fd> take_descriptors(msghdr& header) {
  std::vector<uds::Fd> out;
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t at = 0; at < count; ++at) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(each) + at * sizeof number, sizeof number);
      out.emplace_back(number);
    }
  }
  return out;
}

}  // namespace

Received receive_packet(int socket, int flags) {
  Received out;
  std::string bytes(exec_messages::kMostBytes, '\0');
  iovec piece{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t size = 0;
  do {
    size = ::recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    if (errno == EAGAIN) {
      out.state = Received::State::Again;
      return out;
    }
    if (errno == ECONNRESET || errno == EPIPE) {
      out.state = Received::State::End;
      return out;
    }
    out.problem = uds::Error::from_errno("cannot read from the channel", errno).message();
    return out;
  }
  std::vector<uds::Fd> descriptors = take_descriptors(header);
  if (size == 0 && descriptors.empty()) {
    out.state = Received::State::End;
    return out;
  }
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    out.problem = "a packet is too long, or has too many descriptors";
    return out;
  }
  bytes.resize(static_cast<std::size_t>(size));
  auto message = exec_messages::decode(bytes);
  // It may have held a secret.
  ::explicit_bzero(bytes.data(), bytes.size());
  if (!message) {
    out.problem = message.error();
    return out;
  }
  out.state = Received::State::Packet;
  out.message = *std::move(message);
  out.descriptors = std::move(descriptors);
  return out;
}

bool send_packet(int socket, const exec_messages::Message& message, int flags) {
  const std::string bytes = exec_messages::encode(message);
  ssize_t size = 0;
  do {
    size = ::send(socket, bytes.data(), bytes.size(), flags | MSG_NOSIGNAL);
  } while (size < 0 && errno == EINTR);
  return size == static_cast<ssize_t>(bytes.size());
}

uds::Result<uid_t, std::string> channel_peer(int socket) {
  if (socket_option(socket, SO_DOMAIN) != AF_UNIX ||
      socket_option(socket, SO_TYPE) != SOCK_SEQPACKET || socket_option(socket, SO_ACCEPTCONN) != 0)
    return std::string("it is no connected SOCK_SEQPACKET Unix socket");
  auto uid = uds::detail::peer_uid(socket);
  if (!uid) return uid.error().message();
  return *uid;
}

}  // namespace udsd
