// The connection to one udsd-exec, on the event loop: packets out, packets in.
//
// Owns the descriptor. Never waits for the other side: a packet that does not fit is not sent, and
// the few that udsd sends always fit where somebody reads.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "shared/exec_messages.hpp"
#include "uds/descriptors.hpp"
#include "uds/fd.hpp"

namespace udsd {

class ExecChannel {
 public:
  /// Called with each message; with nothing, once and last, at the end of the connection.
  using Receive = std::function<void(std::optional<exec_messages::Message>)>;

  /// `socket`: a connected SOCK_SEQPACKET.
  ExecChannel(const boost::asio::any_io_executor& executor, uds::Fd socket);
  ExecChannel(const ExecChannel&) = delete;
  ExecChannel& operator=(const ExecChannel&) = delete;
  /// Closes; `receive` is not called any more.
  ~ExecChannel();

  /// Sends `message` and, with it, `descriptors`, which stay the caller's. False where it was not
  /// sent.
  bool send(const exec_messages::Message& message, const uds::Descriptors& descriptors = {});
  /// Starts to receive; call once.
  void listen(Receive receive);

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state);
  static void take_all(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace udsd
