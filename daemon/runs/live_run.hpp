// One run that goes on, as udsd sees it: what its udsd-exec says, who holds it, who watches it.
//
// Owned by the table of runs until it has ended, and by everybody who watches it. It does not
// depend on any request: a handler that is gone leaves the run to its rule on disconnecting.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runs/change_signal.hpp"
#include "runs/exec_channel.hpp"
#include "runs/run_store.hpp"

namespace udsd {

class LiveRun : public std::enable_shared_from_this<LiveRun> {
 public:
  enum class State {
    Starting,  ///< the command's process has not begun
    Queued,    ///< accepted; waits for its turn
    Running,
    Ended,    ///< there is a result, or nobody answers for it any more
    Refused,  ///< by udsd-exec: there is no run
  };

  /// What is known of it whether or not udsd-exec has answered.
  struct Traits {
    std::string command;
    uid_t caller = static_cast<uid_t>(-1);
    bool detached = false;
    bool kill_on_disconnect = true;
    std::chrono::milliseconds disconnect_grace{0};
    bool queued = false;  ///< begins when begin_turn() is called
  };

  /// `changed` is called after each change of the state.
  LiveRun(const boost::asio::any_io_executor& executor, const RunStore& store, Traits traits,
          std::function<void(LiveRun&)> changed);

  /// Takes over the connection to the udsd-exec that is to start it. False where `start` could not
  /// be sent.
  bool start(uds::Fd socket, const exec_messages::Start& start,
             const uds::Descriptors& descriptors);
  /// Takes over the control connection of a run that goes on already.
  void adopt(std::string run, uds::Fd socket);

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool over() const noexcept {
    return state_ == State::Ended || state_ == State::Refused;
  }
  /// Its name; empty before udsd-exec has answered.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const Traits& traits() const noexcept { return traits_; }
  /// Whether it takes part in what runs at once, or waits for that.
  [[nodiscard]] bool waiting() const noexcept { return traits_.queued && !over(); }
  /// Why udsd-exec refused it.
  [[nodiscard]] const exec_messages::Refused& refusal() const noexcept { return refusal_; }
  /// Where it stands in its queue, from 1; 0 when it does not wait.
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  void set_position(std::size_t position);

  /// Lets a queued run begin.
  void begin_turn();
  /// Asks that it be ended; once it has begun to end, more of it changes little. False if nobody
  /// could be told.
  bool cancel(exec_messages::Cancel::Reason reason, int signal, uid_t by);
  /// Nobody needs to hold it any more.
  void detach() { traits_.detached = true; }
  /// Whoever holds it keeps it from being ended for want of a caller.
  void hold();
  /// `abandoned`: the holder is gone, not merely done.
  void release(bool abandoned);
  /// For a run that was found: it is ended unless somebody holds it by then.
  void expect_holder(std::chrono::milliseconds within);
  /// udsd stops: nothing is ended for want of a caller any more.
  void stop_minding();

  /// Notified of everything that a watcher may want to look at.
  [[nodiscard]] ChangeSignal& changes() noexcept { return changes_; }

 private:
  void listen();
  void receive(std::optional<exec_messages::Message> message);
  void become(State state);
  void look_for_result();

  boost::asio::any_io_executor executor_;
  const RunStore& store_;
  Traits traits_;
  std::function<void(LiveRun&)> on_change_;
  std::unique_ptr<ExecChannel> channel_;
  State state_ = State::Starting;
  std::string name_;
  exec_messages::Refused refusal_;
  std::size_t position_ = 0;
  std::size_t holders_ = 0;
  bool mind_disconnect_ = true;
  ChangeSignal changes_;
  boost::asio::steady_timer grace_;
  boost::asio::steady_timer look_;
  std::chrono::milliseconds look_again_{5};
};

/// Holds a run for as long as it lives.
class RunHold {
 public:
  explicit RunHold(std::shared_ptr<LiveRun> run) : run_(std::move(run)) { run_->hold(); }
  RunHold(RunHold&&) noexcept = default;
  RunHold& operator=(RunHold&&) = delete;
  RunHold(const RunHold&) = delete;
  RunHold& operator=(const RunHold&) = delete;
  ~RunHold() {
    if (run_) run_->release(true);
  }
  /// Gives it up without leaving it abandoned.
  void done() {
    if (const auto run = std::exchange(run_, nullptr)) run->release(false);
  }

 private:
  std::shared_ptr<LiveRun> run_;
};

}  // namespace udsd
