// Accepts connections on one listening socket and hands them to the core.
//
// Owns the socket. Survives running out of descriptors: it answers `busy` with a spare one and
// rests a moment, instead of burning a core on accept calls that fail.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "server_core.hpp"
#include "uds/fd.hpp"
#include "uds/socket_builder.hpp"

namespace uds::detail {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<ServerCore> core, ListeningSocket socket);

  /// Accepts until close(). Where that breaks off, for lack of memory, it begins again.
  void start();
  /// Stops accepting and closes the socket, which unlinks it where that is its duty.
  void close();

 private:
  Task<void> run();
  /// Accepts what is there, up to a share that leaves others their turn. False when it is better
  /// to rest.
  bool accept_some();
  bool welcome(Fd descriptor);
  void shed_one();

  std::shared_ptr<ServerCore> core_;
  ListeningSocket socket_;
  boost::asio::local::stream_protocol::acceptor
      acceptor_;  // on a duplicate: Asio closes what it holds
  boost::asio::steady_timer rest_;
  Fd spare_;
  bool closed_ = false;
  bool accepting_ = false;  // run() goes on
  bool starting_ = false;   // start() sees to it
};

}  // namespace uds::detail
