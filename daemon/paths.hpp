// Where udsd keeps things: socket and configuration file of the system instance and of a private
// one (--user).
//
// Creates nothing but the one directory that a socket in its default place needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "uds/result.hpp"

namespace udsd {

/// `text` if it can be the path of a socket: absolute, at most 107 bytes, no NUL.
std::optional<std::string> parse_socket_path(std::string_view text);

inline constexpr const char* kDirectoryRule = "the absolute path of a directory";
/// `text` if it can be the path of a directory: absolute, no control characters.
std::optional<std::string> parse_directory(std::string_view text);

/// The private instance's socket, $XDG_RUNTIME_DIR/uds/uds.sock. Error: the variable is missing or
/// relative.
uds::Result<std::string> user_socket_path();

/// Where the configuration is looked for: /etc/uds/udsd.toml, or for the private instance
/// uds/udsd.toml in $XDG_CONFIG_HOME or ~/.config. Nothing if the environment names neither.
std::optional<std::string> default_config_path(bool user);

/// Where the declarations of a private instance are: uds/commands.d in $XDG_CONFIG_HOME or
/// ~/.config. Nothing if the environment names neither.
std::optional<std::string> user_commands_directory();
/// Where the runs of a private instance are kept: uds in $XDG_STATE_HOME or ~/.local/state. Nothing
/// if the environment names neither.
std::optional<std::string> user_state_directory();

/// Makes the directory of the socket if it is missing and this is its default place: for the
/// private instance with mode 0700, for root directly below /run with mode 0755. In every other
/// place the administrator decides.
uds::Result<void> prepare_socket_directory(const std::string& socket_path, bool user);

}  // namespace udsd
