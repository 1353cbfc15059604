// How udsd comes by a connection to a new udsd-exec: from the socket on which systemd starts one
// for each connection, or by starting the program itself.
//
// The second is for instances without systemd or without root: udsd-exec then has the rights that
// udsd has, and no more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace udsd {

struct LauncherSettings {
  /// Where systemd listens; nothing: udsd starts the program.
  std::optional<std::string> socket;
  /// The arguments of a program that udsd starts.
  std::vector<std::string> arguments;
};

/// A connected SOCK_SEQPACKET to a udsd-exec that waits for its first message. Errors: errno, with
/// a sentence; EAGAIN where systemd has a full queue of connections.
uds::Result<uds::Fd> launch_exec(const LauncherSettings& settings);

}  // namespace udsd
