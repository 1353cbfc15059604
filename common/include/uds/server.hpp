// The server: accepts connections on a listening socket and answers requests from its router.
//
// It runs on the executor it is given, or, given none, brings its own loop: then a thread runs it
// with run(), or a poll loop of the program drives it with native_handle() and poll(). Either way
// it runs on one thread: call everything on that thread, except post(). The Server owns the
// listening socket, the router and the connections. It never blocks but in run(), never exits the
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

/// Answers requests on listening sockets. Neither copied nor moved.
class Server {
 public:
  /// `executor` must belong to an io_context that one thread runs, and that outlives the server.
  /// The commands `ping`, `hello`, `help` and `cancel` are there from the start.
  explicit Server(const boost::asio::any_io_executor& executor, Limits limits = {}, Log log = {});
  /// The same with a loop of its own, for programs without Boost.Asio. A process that forks to
  /// become a daemon makes it in the child: the loop's descriptors cannot be shared.
  explicit Server(Limits limits = {}, Log log = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops. Handlers that are suspended are destroyed with the io_context: with the server itself
  /// where that is its own. Not from within poll() or run().
  ~Server();

  /// The commands; add yours before serve().
  [[nodiscard]] Router& commands() noexcept;
  /// What `hello` says of the program: its name and version.
  void identify(std::string name, std::string version);
  /// Log level and sink for everything from now on.
  void set_log(Log log);
  /// Who is told what happens from now on; an empty function ends it. `each`: asked whether anybody
  /// wants to hear of requests that plain handlers have answered OK, of which there may be a
  /// million a second; without it, and at log level Debug, every one is told. Asked before each
  /// but those right behind such a one for the same command. It must neither block nor throw.
  void observe(Observer observer, std::function<bool()> each = {});
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

  /// For a program with a poll loop of its own: a descriptor, the same for the server's whole life,
  /// that is readable (POLLIN) while poll() has something to do: for connections, timers, functions
  /// that were posted, and work of uds::blocking() that is done. Wait for it level-triggered, as
  /// poll(2) and epoll(7) do by default, and leave reading and closing it to the server. Throws
  /// std::logic_error where the server was given an executor: a bug of the program.
  [[nodiscard]] int native_handle();
  /// Runs what is ready and returns; never waits. One call does a bounded part, so that no client
  /// can keep the program from its other work; the descriptor stays readable when something is
  /// left. Throws what a posted function threw, and std::logic_error as native_handle().
  void poll();
  /// For a thread that does nothing else: serves until stop() or drain() was called and the last
  /// connection is closed; returns at once when that is so already. Throws what a posted function
  /// threw, and std::logic_error as native_handle(). Either this or poll(), not both.
  void run();
  /// Has `function` called on the thread that serves, from within run(), poll() or the io_context
  /// that the executor belongs to: the way to the server from other threads, and the only member
  /// they may call. While the server lives; what has not been called when it is destroyed never is.
  void post(std::function<void()> function);

  /// How many connections are open.
  [[nodiscard]] std::size_t connections() const noexcept;
  /// The open connections, oldest first.
  [[nodiscard]] std::vector<ConnectionInfo> list_connections() const;
  /// How many coroutine handlers have not ended.
  [[nodiscard]] std::size_t requests_in_flight() const noexcept;
  /// Counters since the start. A plain handler does not see those requests for its own command yet
  /// that came together with its own.
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
