// Connection: the way to the daemon that the options name. Makes the connection and says why it
// failed; what goes over it is its users' business.
#pragma once

#include "exit_code.hpp"
#include "interrupt.hpp"
#include "options.hpp"

#include "uds/client.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace udsctl {

class Connection {
 public:
  /// `options` must outlive the connection.
  explicit Connection(const Options& options) : options_(options) {}

  /// Connects, and catches signals from the first time on. Errors as BlockingClient::connect().
  uds::Result<void> open();
  void close() { client_.reset(); }
  [[nodiscard]] bool is_open() const noexcept { return client_.has_value(); }
  /// Valid while it is open.
  [[nodiscard]] uds::BlockingClient& client() { return *client_; }

  /// What to tell of `error`, which befell this connection.
  [[nodiscard]] std::string sentence_for(const uds::Error& error) const;
  /// Complains about it, and gives the status for it.
  Exit explain_failure(const uds::Error& error) const;

  /// Readable when the user interrupts; -1 before open(), when a signal just ends the process.
  [[nodiscard]] int interrupt_descriptor() const noexcept {
    return interrupt_ ? interrupt_->descriptor() : -1;
  }
  /// From now on SIGTERM and SIGHUP end the process, and the connection with it. Call it once, when
  /// it has been open.
  void end_at_termination() { interrupt_->end_at_termination(); }
  /// The interruption has been seen to.
  void acknowledge_interrupt() noexcept { interrupt_->acknowledge(); }
  /// Waits. False when it was interrupted.
  [[nodiscard]] bool rest(std::chrono::milliseconds pause) const;

 private:
  const Options& options_;
  std::string path_;
  std::optional<Interrupt> interrupt_;
  std::optional<uds::BlockingClient> client_;
};

/// How long udsctl waits for the final response of a request, or nothing: longer than the daemon
/// does, whose deadline_exceeded says more than a silent end.
std::optional<std::chrono::milliseconds> patience(const Options& options);

}  // namespace udsctl
