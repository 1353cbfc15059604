// Reads XDG_RUNTIME_DIR, XDG_CONFIG_HOME, XDG_STATE_HOME and HOME (XDG Base Directory
// Specification: relative values are ignored).
#include "paths.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "uds/log.hpp"

namespace udsd {
namespace {

constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

std::optional<std::string> absolute_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || value[0] != '/') return std::nullopt;
  return value;
}

/// `name` in the directory that the variable names, or else in `place` of the home.
std::optional<std::string> in_user_directory(const char* variable, const char* place,
                                             const char* name) {
  if (const auto directory = absolute_variable(variable)) return *directory + name;
  if (const auto home = absolute_variable("HOME")) return *home + place + name;
  return std::nullopt;
}

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

std::optional<std::string> parse_socket_path(std::string_view text) {
  if (!text.starts_with('/') || text.size() > kLongestPath ||
      text.find('\0') != std::string_view::npos)
    return std::nullopt;
  return std::string(text);
}

std::optional<std::string> parse_directory(std::string_view text) {
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; };
  if (!text.starts_with('/') || std::ranges::any_of(text, is_control)) return std::nullopt;
  return std::string(text);
}

uds::Result<std::string> user_socket_path() {
  const auto directory = absolute_variable("XDG_RUNTIME_DIR");
  if (!directory)
    return uds::Error(std::make_error_code(std::errc::invalid_argument),
                      "XDG_RUNTIME_DIR is not set, or names no directory for a private socket; log "
                      "in to a session that sets it, or give --socket PATH");
  auto path = parse_socket_path(*directory + "/uds/uds.sock");
  if (!path)
    return uds::Error(uds::Errc::PathTooLong,
                      "XDG_RUNTIME_DIR is too long for the path of a socket; give --socket PATH");
  return *std::move(path);
}

std::optional<std::string> default_config_path(bool user) {
  if (!user) return UDSD_CONFIG_FILE;
  return in_user_directory("XDG_CONFIG_HOME", "/.config", "/uds/udsd.toml");
}

std::optional<std::string> user_commands_directory() {
  return in_user_directory("XDG_CONFIG_HOME", "/.config", "/uds/commands.d");
}

std::optional<std::string> user_state_directory() {
  return in_user_directory("XDG_STATE_HOME", "/.local/state", "/uds");
}

uds::Result<void> prepare_socket_directory(const std::string& socket_path, bool user) {
  const std::string directory = parent_of(socket_path);
  const auto private_path = user_socket_path();
  const bool private_place = user && private_path && socket_path == *private_path;
  const bool system_place = !user && ::geteuid() == 0 && parent_of(directory) == "/run";
  if (!private_place && !system_place) return {};

  if (::mkdir(directory.c_str(), private_place ? 0700 : 0755) != 0) {
    if (errno == EEXIST) return {};
    return uds::Error::from_errno("cannot create the directory " + uds::log_quote(directory),
                                  errno);
  }
  // The umask may have taken bits that clients need to reach the socket.
  if (system_place && ::chmod(directory.c_str(), 0755) != 0)
    return uds::Error::from_errno("cannot set the mode of " + uds::log_quote(directory), errno);
  return {};
}

}  // namespace udsd
