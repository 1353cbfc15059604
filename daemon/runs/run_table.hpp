// All runs that go on: starts them, finds those of before a restart, and decides whose turn it is.
//
// Owns each run until it has ended. How many may go on at once is what their declarations say; who
// may start one was decided before, and udsd-exec decides it again.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "declared/declaration.hpp"
#include "runs/change_signal.hpp"
#include "runs/launcher.hpp"
#include "runs/live_run.hpp"
#include "runs/run_store.hpp"
#include "runs/start_log.hpp"
#include "uds/descriptors.hpp"
#include "uds/message.hpp"
#include "uds/result.hpp"
#include "uds/task.hpp"

namespace udsd {

class RunTable {
 public:
  /// What somebody asks for.
  struct Order {
    std::shared_ptr<const Declaration> declaration;
    uid_t caller = static_cast<uid_t>(-1);
    exec_messages::Start start;  ///< `queued` is decided here
    /// The caller's connection and, where the command reads it, the caller's input.
    uds::Descriptors descriptors;
  };
  using RunPtr = std::shared_ptr<LiveRun>;
  /// Told of each run that was accepted, refused, began or ended.
  using Observer = std::function<void(const LiveRun&)>;

  RunTable(boost::asio::any_io_executor executor, std::string state_directory,
           LauncherSettings launcher);
  RunTable(const RunTable&) = delete;
  RunTable& operator=(const RunTable&) = delete;
  ~RunTable();

  [[nodiscard]] const RunStore& store() const noexcept { return store_; }
  /// How udsd-exec is started from now on.
  void set_launcher(LauncherSettings launcher) { launcher_ = std::move(launcher); }
  void observe(Observer observer) { observer_ = std::move(observer); }

  /// Starts a run, or lets it wait. Error: the ERROR to answer (busy, or what kept udsd-exec from
  /// being started).
  uds::Result<RunPtr, uds::Response> start(Order order);
  /// A run that goes on, or null.
  [[nodiscard]] RunPtr find(const std::string& name) const;
  /// The same, and one that goes on without being known here is taken up. Waits while a run that
  /// has been started and has no name yet may be this one: until its udsd-exec has said so.
  /// Cancellation: total; throws operation_aborted.
  uds::Task<RunPtr> find_or_adopt(std::string name);
  /// Finds the runs that went on while udsd was away; how many there are.
  std::size_t recover();
  /// udsd stops: watchers are woken, and no run is ended for want of a caller.
  void close();
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  /// The names of those that wait for their turn.
  [[nodiscard]] std::set<std::string> waiting() const;
  /// Notified when a run has ended.
  [[nodiscard]] ChangeSignal& endings() noexcept { return endings_; }
  [[nodiscard]] std::size_t size() const noexcept { return runs_.size(); }

 private:
  struct Slot {
    RunPtr run;
    Concurrency limits;
  };

  RunPtr adopt(const std::string& name);
  /// A run without a name that may turn out to be `name`, or null.
  [[nodiscard]] RunPtr nameless_like(const std::string& name) const;
  /// Whether one more of its command may go on, by its own bounds.
  [[nodiscard]] bool has_room(const Slot& slot) const;
  void changed(LiveRun& run);
  void next_turns(const std::string& command);

  boost::asio::any_io_executor executor_;
  RunStore store_;
  LauncherSettings launcher_;
  Observer observer_;
  std::list<Slot> runs_;                    // in the order they came
  std::map<std::string, StartLog> starts_;  // of commands that have a rate
  ChangeSignal endings_;
  bool closed_ = false;
};

}  // namespace udsd
