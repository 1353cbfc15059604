// Bodies of exec_channel.hpp.
#include "runs/exec_channel.hpp"

#include <utility>

#include "shared/packets.hpp"

namespace udsd {

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

bool ExecChannel::send(const exec_messages::Message& message, const uds::Descriptors& descriptors) {
  return send_packet(state_->socket.native_handle(), message, descriptors);
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
  while (state->receive) {
    Received received = receive_packet(state->socket.native_handle());
    if (received.state == Received::State::Again) return wait(state);
    // Kept aside: the channel may be destroyed while it is called. A packet that is no message ends
    // it, as the end does.
    const Receive receive =
        received.message ? state->receive : std::exchange(state->receive, nullptr);
    receive(std::move(received.message));
  }
}

}  // namespace udsd
