// What all connections of one server share: commands, limits, log, deadlines, and the register of
// who is connected.
//
// Sessions keep the core alive; the core knows the sessions but does not own them, and what it is
// asked to fire later must not own them either: a session belongs to what it waits for. One thread
// only.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "deadline_queue.hpp"
#include "log_limiter.hpp"
#include "uds/connection_info.hpp"
#include "uds/event.hpp"
#include "uds/fd.hpp"
#include "uds/limits.hpp"
#include "uds/log.hpp"
#include "uds/peer.hpp"
#include "uds/router.hpp"
#include "uds/statistics.hpp"

namespace uds::detail {

class Session;

class ServerCore : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(boost::asio::any_io_executor executor, Limits limits, Log log);
  ~ServerCore();

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

  /// Starts a session on a connected descriptor; refuses it with `busy` where a limit is reached,
  /// and drops it where the kernel does not say who it is.
  void welcome(Fd descriptor);
  /// Answers `busy`, naming the limit, and closes.
  void refuse(const Fd& descriptor, std::string_view limit);
  /// A session has ended in the ordinary way.
  void leave(const Session& session);

  /// Drains every session; `drained` is called once when none is left.
  void drain(std::function<void()> drained);
  /// Stops every session at once.
  void stop();
  [[nodiscard]] bool draining() const noexcept { return draining_; }
  /// The server is gone: stops, and what the io_context still destroys must not act any more.
  void close();
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] std::size_t connections() const noexcept { return sessions_.size(); }
  [[nodiscard]] std::vector<ConnectionInfo> list_connections() const;
  /// Cancels the request `id` of connection `number`. False if there is none.
  bool cancel(std::uint64_t number, const RequestId& id) const;
  [[nodiscard]] Usage usage_of(uid_t uid) const noexcept;
  /// A number for a new connection.
  std::uint64_t next_connection() noexcept { return ++last_connection_; }

  /// `fire` is called at or soon after `at`, unless forgotten before.
  DeadlineQueue::Token at(DeadlineQueue::Clock::time_point at, std::function<void()> fire);
  void forget(const DeadlineQueue::Token& token) { deadlines_.remove(token); }

  /// Writes `record` about what a peer did, unless there were others of its `kind` by `uid` just
  /// now: those are counted, and the count is written once a minute. `kind` is one of our own
  /// words.
  void log_limited(uid_t uid, std::string_view kind, const LogRecord& record);
  /// Logs a failure, or the lack of memory even for that.
  void log_broken(const char* what) noexcept;
  /// Tells who watches.
  void notify(const Event& event) noexcept;
  /// Whether somebody is to be told of every request, however quick.
  [[nodiscard]] bool watches_each() const { return observer && (!each || each()); }

  /// A fresh id under which a bug is logged and reported.
  std::string next_incident();

  Router router;
  Limits limits;
  Log log;
  std::string program = "libuds";
  std::string program_version;
  const std::string instance;  ///< random UUID of this start
  const std::chrono::system_clock::time_point started;
  Statistics statistics;
  Usage usage;  ///< what all sessions hold together
  Observer observer;
  std::function<bool()> each;  ///< whether it is to be told of quick requests too; empty: it is
  std::function<bool()> low_on_memory;

 private:
  [[nodiscard]] std::string_view reached_limit(const Peer& peer) const;
  /// Once a second, while somebody is connected: measures how late the loop is, and lets idle
  /// sessions give memory back.
  void tick();
  void arm_log_period();
  void write_held_back();
  [[nodiscard]] std::vector<std::shared_ptr<Session>> everyone() const;
  void arm();
  /// False for lack of memory.
  bool start_timer(DeadlineQueue::Clock::time_point at);
  void expire();
  void report_if_drained();

  boost::asio::any_io_executor executor_;
  std::unordered_map<const Session*, std::weak_ptr<Session>> sessions_;
  std::unordered_map<uid_t, std::shared_ptr<Usage>> users_;  // of those who are connected
  DeadlineQueue deadlines_;
  boost::asio::steady_timer timer_;
  std::optional<DeadlineQueue::Clock::time_point> armed_;
  DeadlineQueue::Token drain_limit_;
  std::size_t incidents_ = 0;
  std::uint64_t last_connection_ = 0;
  bool ticking_ = false;
  LogLimiter log_limiter_;
  bool limiter_armed_ = false;
  bool draining_ = false;
  bool closed_ = false;
  std::function<void()> drained_;
};

}  // namespace uds::detail
