// Bodies of ancillary.hpp.
#include "ancillary.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace uds::detail {

namespace {

constexpr std::size_t kRoom = CMSG_SPACE(Descriptors::kMost * sizeof(int));

void take_over(const cmsghdr& header, Descriptors& out) {
  if (header.cmsg_level != SOL_SOCKET || header.cmsg_type != SCM_RIGHTS) return;
  const std::size_t count = (header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (std::size_t i = 0; i < count; ++i) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(&header) + i * sizeof number, sizeof number);
    out.add(Fd(number));
  }
}

}  // namespace

ssize_t receive_with_descriptors(int socket, std::span<char> room, Passed& passed) {
  alignas(cmsghdr) std::array<unsigned char, kRoom> control{};
  iovec bytes{room.data(), room.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t count = 0;
  do count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count < 0) return count;
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, const_cast<cmsghdr*>(header)))
    take_over(*header, passed.descriptors);
  passed.truncated = (message.msg_flags & MSG_CTRUNC) != 0;
  return count;
}

ssize_t send_with_descriptors(int socket, std::string_view text, const Descriptors& descriptors) {
  alignas(cmsghdr) std::array<unsigned char, kRoom> control{};
  // sendmsg() does not write to it.
  iovec bytes{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      const int number = descriptors[i];
      std::memcpy(CMSG_DATA(header) + i * sizeof number, &number, sizeof number);
    }
  }
  ssize_t count = 0;
  do count = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  return count;
}

}  // namespace uds::detail
