// Follows one run to its end, over lost connections and restarts of the daemon: passes on what the
// command writes, and sees to Ctrl-C.
//
// What goes wrong is complained about here. The run itself belongs to the daemon: to leave it is
// not to end it, unless its declaration says so.
#pragma once

#include "conversation.hpp"
#include "interrupt.hpp"
#include "options.hpp"
#include "runs/run_output.hpp"

#include "uds/message.hpp"
#include "uds/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace udsctl {

/// How a run ended.
struct RunEnd {
  uds::Response response;
  std::string text;  ///< as it was received
};

class RunFollower {
 public:
  /// What the first Ctrl-C does. The second one always leaves at once.
  enum class OnInterrupt { Cancel, Detach, Leave };

  /// Both must outlive it. The conversation shows nothing of its own accord.
  RunFollower(const Options& options, Conversation& conversation, OnInterrupt on_interrupt);
  RunFollower(const RunFollower&) = delete;
  RunFollower& operator=(const RunFollower&) = delete;
  ~RunFollower();

  /// Starts a run with `request` and follows it; `with_input` gives it standard input. The final
  /// response, or the status to leave with.
  uds::Result<RunEnd, Exit> start(const uds::Request& request, bool with_input);
  /// Follows the run from its event `from` on.
  uds::Result<RunEnd, Exit> attach(const std::string& run, std::uint64_t from);

  /// Whether Ctrl-C has asked for its end.
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
  [[nodiscard]] RunOutput& output() noexcept { return output_; }

 private:
  /// What comes next. Over: end_ is there. Lost: the daemon is asked again. Left: status_ says how.
  enum class Step { Go, Over, Lost, Left };

  uds::Result<RunEnd, Exit> follow(uds::Request request, bool with_input);
  Step converse(const uds::Request& request, bool with_input);
  Step receive();
  Step lost(std::string_view why);
  Step left(Exit status);
  Step connect_again();
  Step repeat(unsigned& repeats_left);
  [[nodiscard]] bool goes_on() const;
  void learn_run(const std::string& run);
  Step take(const uds::Response& response);
  Step write(const uds::Output& output);
  Step cannot_write(const uds::Error& error);
  Step see_to_interrupt();
  Step cancel();
  Step detach();
  Step leave();
  [[nodiscard]] uds::Request attach_request() const;
  [[nodiscard]] std::string attach_command() const;
  [[nodiscard]] uds::BlockingClient& client() { return conversation_.connection().client(); }

  const Options& options_;
  Conversation& conversation_;
  OnInterrupt on_interrupt_;
  RunOutput output_;
  std::string run_;         // empty until it is known
  std::uint64_t next_ = 1;  // the event that has not been shown yet
  bool attached_ = false;   // the daemon is asked about a run, and not to start one
  bool interrupted_ = false;
  bool detach_wanted_ = false;                                    // as soon as the run is known
  std::optional<std::chrono::steady_clock::time_point> give_up_;  // while the daemon is gone
  Pauses pauses_;
  Pauses repeat_pauses_;
  std::optional<RunEnd> end_;
  Exit status_ = Exit::Failed;
  LastWords last_words_;
};

}  // namespace udsctl
