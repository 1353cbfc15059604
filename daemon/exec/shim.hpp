// The one process that is with a run from its begin to its end: it starts the command, stores what
// that writes, ends it when its time is over or when told to, and writes the result when nothing is
// left of it.
//
// One thread, one loop. It needs udsd for nothing: a udsd that is gone, or comes back, changes
// nothing for the run.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "exec/accepted_run.hpp"
#include "exec/output.hpp"
#include "exec/peers.hpp"
#include "exec/process_tree.hpp"
#include "exec/records.hpp"

namespace udsd {

class Shim {
 public:
  /// `run` must outlive this; its channel, control socket and input are taken over.
  Shim(AcceptedRun& run, ProcessTree tree);

  /// Returns when the result is written and told.
  void run();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Phase {
    Waiting,   ///< for its turn
    Starting,  ///< the child is on its way to the command
    Running,
    Ending,   ///< a signal has been sent; at `kill_at_` SIGKILL follows
    Killing,  ///< until nothing is left
    Over,
  };
  /// Why it is ended before its time.
  struct Cause {
    RunResult::Outcome outcome;
    std::string reason;
  };

  void wait_and_handle();
  void check_output();
  void begin();
  void read_report();
  void handle_message(const exec_messages::Message& message, bool first);
  void cancel(const exec_messages::Cancel& order);
  void handle_signals();
  void check_time();
  void end_early(Cause cause, int signal);
  void begin_ending(int signal);
  void begin_killing();
  void look_after_children();
  void not_started(Stage stage, int error);
  [[nodiscard]] std::optional<Clock::time_point> deadline() const;
  [[nodiscard]] int milliseconds_to_wait() const;
  [[nodiscard]] RunResult result();

  AcceptedRun& run_;
  ProcessTree tree_;
  Peers peers_;
  Output output_;
  uds::Fd signals_;
  uds::Fd report_;
  Phase phase_ = Phase::Waiting;
  pid_t child_ = 0;
  std::optional<ChildStatus> status_;  ///< of the command's own process
  std::optional<Cause> cause_;
  std::optional<StageFailure> failure_;
  std::vector<std::string> path_arguments_;  ///< of ChildPlan::paths
  bool told_started_ = false;
  Clock::time_point began_;
  Clock::time_point exited_;
  Clock::time_point kill_at_;
};

/// Signals that a guardian and a shim wait for; blocked in both.
sigset_t supervisor_signals() noexcept;

}  // namespace udsd
