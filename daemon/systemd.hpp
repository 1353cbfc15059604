// The two small protocols of systemd that udsd speaks: a socket passed at start (sd_listen_fds(3))
// and messages about its own state (sd_notify(3)). Nothing here blocks, and nothing depends on
// systemd being there.
#pragma once

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

 private:
  [[nodiscard]] bool send(const std::string& text) const;

  std::string address_;
};

/// What systemd handed over when it started udsd.
struct Handover {
  /// The listening socket; whether it is one is for SocketBuilder::adopt() to say. Nothing: make
  /// your own.
  std::optional<uds::Fd> socket;
  Notifier notifier;
};

/// Reads LISTEN_PID, LISTEN_FDS and NOTIFY_SOCKET, and removes them, LISTEN_FDNAMES and WATCHDOG_*
/// from the environment so that no child takes them for its own. Sockets meant for another pid are
/// ignored, as sd_listen_fds(3) does. Error: a malformed variable, or more sockets than one.
uds::Result<Handover> take_handover();

}  // namespace udsd
