// The two small protocols of systemd that udsd speaks: a socket passed at start (sd_listen_fds(3))
// and messages about its own state (sd_notify(3)). Nothing here blocks, and nothing depends on
// systemd being there.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace udsd {

/// Tells the service manager what state udsd is in. Without NOTIFY_SOCKET every call does nothing.
class Notifier {
 public:
  Notifier() = default;
  /// `address`: a path, or an abstract name that starts with '@'.
  explicit Notifier(std::string address) : address_(std::move(address)) {}

  /// Each sends one datagram. A manager that does not read is not waited for; false if the datagram
  /// was not taken.
  bool ready(std::string_view status) const;
  bool reloading() const;
  bool stopping(std::string_view status) const;
  bool alive() const;
  bool status(std::string_view text) const;

  /// Whether there is anybody to tell.
  [[nodiscard]] bool listens() const noexcept { return !address_.empty(); }
  /// Within this time the manager wants to hear alive(), or it restarts udsd. Nothing: it does not
  /// ask (sd_watchdog_enabled(3)).
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval() const noexcept {
    return watchdog_;
  }
  void set_watchdog_interval(std::chrono::microseconds interval) { watchdog_ = interval; }

 private:
  [[nodiscard]] bool send(const std::string& text) const;

  std::string address_;
  std::optional<std::chrono::microseconds> watchdog_;
};

/// What systemd handed over when it started udsd.
struct Handover {
  /// The listening socket; whether it is one is for SocketBuilder::adopt() to say. Nothing: make
  /// your own.
  std::optional<uds::Fd> socket;
  Notifier notifier;
};

/// Reads LISTEN_PID, LISTEN_FDS, NOTIFY_SOCKET and WATCHDOG_*, and removes them and LISTEN_FDNAMES
/// from the environment so that no child takes them for its own. Sockets and a watchdog meant for
/// another pid are ignored, as sd_listen_fds(3) and sd_watchdog_enabled(3) do. Error: a malformed
/// variable, or more sockets than one.
uds::Result<Handover> take_handover();

}  // namespace udsd
