// Everything that can be set, as plain values that are already checked: what config, options and
// the built-in defaults produce, and what the App is made of. Owns nothing, opens nothing.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "uds/access.hpp"
#include "uds/limits.hpp"
#include "uds/log.hpp"

namespace udsd {

enum class LogFormat { Text, Json, Journal };

struct SocketSettings {
  std::string path = UDS_SOCKET_PATH;
  /// Whether somebody asked for `path`: only then must a socket passed by systemd stand there.
  bool path_is_explicit = false;
  mode_t mode = 0660;
  /// Names or numbers that exist on this host; nothing means the process's own.
  std::optional<std::string> owner;
  std::optional<std::string> group;
  int backlog = 4096;
};

struct LogSettings {
  uds::LogLevel level = uds::LogLevel::Info;
  LogFormat format = LogFormat::Text;
};

struct Settings {
  SocketSettings socket;
  /// Administrators besides uid 0 and the uid udsd runs as.
  uds::Principals admins;
  /// Rules that replace a built-in command's own, by command name.
  std::map<std::string, uds::Access> access;
  uds::Limits limits;
  LogSettings log;
  /// Directories of declarations of commands; a file in a later one replaces that of its name in
  /// those before.
  std::vector<std::string> commands_dirs{UDSD_SHIPPED_COMMANDS, UDSD_OWN_COMMANDS};
  /// Where runs are kept; empty where a private instance has no place for them.
  std::string state_dir = "/var/lib/uds";
  /// Where udsd-exec is reached; nothing: udsd starts it itself.
  std::optional<std::string> exec_socket;
};

}  // namespace udsd
