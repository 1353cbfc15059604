// Bodies of exec_channel.hpp.
#include "runs/exec_channel.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace udsd {
namespace {

constexpr std::size_t kMostDescriptors = 2;
// udsd-exec sends names and sentences; what is longer is none of its messages.
constexpr std::size_t kMostReceived = std::size_t{16} << 10;

}  // namespace

/// Shared with the wait that is pending: the channel may be destroyed from within `receive`.
struct ExecChannel::State {
  State(const boost::asio::any_io_executor& executor, uds::Fd fd)
      : socket(executor, fd.release()) {}

  boost::asio::posix::stream_descriptor socket;
  Receive receive;
};

ExecChannel::ExecChannel(const boost::asio::any_io_executor& executor, uds::Fd socket)
    : state_(std::make_shared<State>(executor, std::move(socket))) {}

ExecChannel::~ExecChannel() {
  state_->receive = nullptr;
  boost::system::error_code ignored;
  state_->socket.close(ignored);
}

bool ExecChannel::send(const exec_messages::Message& message,
                       std::initializer_list<int> descriptors) {
  const std::string packet = exec_messages::encode(message);
  iovec piece{const_cast<char*>(packet.data()), packet.size()};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> room{};
  if (descriptors.size() > 0) {
    header.msg_control = room.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(control), descriptors.begin(), descriptors.size() * sizeof(int));
  }
  for (;;) {
    if (::sendmsg(state_->socket.native_handle(), &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
      return true;
    if (errno != EINTR) return false;
  }
}

void ExecChannel::listen(Receive receive) {
  state_->receive = std::move(receive);
  wait(state_);
}

void ExecChannel::wait(const std::shared_ptr<State>& state) {
  state->socket.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [state](const boost::system::error_code& error) {
                             if (!error) take_all(state);
                           });
}

void ExecChannel::take_all(const std::shared_ptr<State>& state) {
  std::array<char, kMostReceived> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  while (state->receive) {
    const ssize_t size =
        ::recv(state->socket.native_handle(), room.data(), room.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return wait(state);
    std::optional<exec_messages::Message> message;
    if (size > 0 && static_cast<std::size_t>(size) <= room.size()) {
      auto decoded = exec_messages::decode({room.data(), static_cast<std::size_t>(size)});
      if (decoded) message.emplace(*std::move(decoded));
    }
    // Kept aside: the channel may be destroyed while it is called.
    const Receive receive = message ? state->receive : std::exchange(state->receive, nullptr);
    receive(std::move(message));
  }
}

}  // namespace udsd
