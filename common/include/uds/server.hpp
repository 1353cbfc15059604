// The server: accepts connections on a listening socket and answers requests from its router.
//
// Runs on the executor it is given and on one thread: call everything on that thread. The Server
// owns the listening socket, the router and the connections. It never blocks, never exits the
// process, never logs but through its Log.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "uds/connection_info.hpp"
#include "uds/event.hpp"
#include "uds/limits.hpp"
#include "uds/log.hpp"
#include "uds/router.hpp"
#include "uds/socket_builder.hpp"
#include "uds/statistics.hpp"
#include "uds/task.hpp"

namespace uds {

class Server {
 public:
  /// `executor` must belong to an io_context that one thread runs, and that outlives the server.
  /// The commands `ping`, `hello`, `help` and `cancel` are there from the start.
  explicit Server(const boost::asio::any_io_executor& executor, Limits limits = {}, Log log = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops. Handlers that are suspended are destroyed with the io_context.
  ~Server();

  /// The commands; add yours before serve().
  [[nodiscard]] Router& commands() noexcept;
  /// What `hello` says of the program: its name and version.
  void identify(std::string name, std::string version);
  /// Log level and sink for everything from now on.
  void set_log(Log log);
  /// Who is told what happens from now on; an empty function ends it.
  void observe(Observer observer);
  /// While `low` says that memory is short, requests are answered `busy` (limit `memory`) and not
  /// started. Asked before each.
  void refuse_while(std::function<bool()> low);
  /// Limits for connections accepted from now on.
  void set_limits(const Limits& limits);

  /// Starts to accept on `socket`; may be called for several sockets.
  void serve(ListeningSocket socket);

  /// Stops accepting, answers new requests with `shutting_down`, lets those in flight finish within
  /// the drain limit and cancels the rest, which are answered `shutting_down`. Calls `drained`
  /// once, when the last connection is closed.
  void drain(std::function<void()> drained);
  /// Cancels everything at once; what was in flight is answered `shutting_down` as far as the
  /// socket takes it.
  void stop();

  [[nodiscard]] std::size_t connections() const noexcept;
  /// The open connections, oldest first.
  [[nodiscard]] std::vector<ConnectionInfo> list_connections() const;
  [[nodiscard]] std::size_t requests_in_flight() const noexcept;
  /// Counters since the start.
  [[nodiscard]] const Statistics& statistics() const noexcept;
  /// What all users hold now.
  [[nodiscard]] Usage usage() const noexcept;
  /// What the user `uid` holds now.
  [[nodiscard]] Usage usage_of(uid_t uid) const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace uds
