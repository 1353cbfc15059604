// One connected socket on the event loop: every system call of a session, none of its decisions.
//
// Owns the Asio socket. Sends with send(2) directly and never blocks; completion handlers run on
// the loop. It knows neither frames nor requests.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "ancillary.hpp"
#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace uds::detail {

class Transport {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;

  /// `descriptor`: a connected stream socket, CLOEXEC and non-blocking.
  Transport(const boost::asio::any_io_executor& executor, Fd descriptor);

  /// Completes with (error, bytes). Ended by interrupt().
  template <class Token>
  auto read_some(std::span<char> room, Token&& token) {
    return socket_.async_read_some(boost::asio::buffer(room.data(), room.size()),
                                   std::forward<Token>(token));
  }
  /// Completes with an error, or when there is something to read. Ended by interrupt().
  template <class Token>
  auto when_readable(Token&& token) {
    return socket_.async_wait(Socket::wait_read, std::forward<Token>(token));
  }
  /// Reads what is there, without waiting, with room for descriptors. `size`: the bytes; 0 where
  /// there are none, which is no error.
  boost::system::error_code receive(std::span<char> room, Passed& passed, std::size_t& size);

  enum class Sent { All, Blocked, Broken };
  /// Sends as much of `bytes` as the kernel takes and counts it in `sent`.
  Sent send_now(std::string_view bytes, std::size_t& sent);
  /// Reads what is there without waiting: bytes, 0 at end of file, negative when there is nothing
  /// or an error.
  ssize_t receive_now(std::span<char> room);

  /// Calls `ready` once: when the socket can take bytes again, has failed, or was interrupted. Try
  /// again to learn which.
  void when_writable(std::function<void()> ready);
  /// Calls `gone` once when the peer has closed both directions. Only while nothing is read: a
  /// pending wait makes each read cost an epoll_ctl.
  void watch_hangup(std::function<void()> gone);
  void unwatch_hangup();

  /// Another descriptor of the same socket, CLOEXEC.
  [[nodiscard]] Result<Fd> duplicate();

  /// Ends a pending read and a pending wait for writability.
  void interrupt();
  void shutdown_send();
  /// What the peer has sent until now can still be read; what it sends from now on fails there.
  void shutdown_receive();
  void close();

 private:
  Socket socket_;
  boost::asio::cancellation_signal hangup_;
};

}  // namespace uds::detail
