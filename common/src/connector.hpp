// Connector: one attempt after the other to connect to a server, and the check whom it reached.
//
// Owns the socket until take(). Never waits: the callers have their own ways to wait between two
// attempts. Lets no byte be sent before the server's uid is known and trusted.
#pragma once

#include "uds/fd.hpp"
#include "uds/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace uds::detail {

class Connector {
 public:
  /// Checks `path` and opens the socket; connects nothing yet. `timeout` begins to run; root, the
  /// caller and `server_uids` are trusted. Errors: BadPath, PathTooLong.
  static Result<Connector> open(const std::string& path, std::chrono::milliseconds timeout,
                                std::vector<uid_t> server_uids);

  /// True: connected to a server that is trusted. False: the server's backlog is full; wait pause()
  /// and try again. Errors: NoDaemon, ConnectionRefused, AccessDenied, UntrustedServer, and
  /// ServerBusy when the time is over.
  Result<bool> attempt();
  /// How long to wait before the next attempt: 1 ms, doubled up to 50 ms, never beyond the
  /// deadline.
  std::chrono::milliseconds pause();
  /// The connected socket, non-blocking and close-on-exec.
  Fd take() { return std::move(socket_); }

 private:
  using Clock = std::chrono::steady_clock;

  Connector(std::string path, std::chrono::milliseconds timeout, std::vector<uid_t> server_uids,
            Fd socket);
  [[nodiscard]] Error refusal(int errno_value) const;
  Result<bool> check_server();

  std::string path_;
  std::chrono::milliseconds timeout_;
  std::vector<uid_t> server_uids_;
  Fd socket_;
  Clock::time_point deadline_;
  std::chrono::milliseconds pause_{1};
};

}  // namespace uds::detail
