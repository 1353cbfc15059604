// Reads XDG_RUNTIME_DIR, XDG_CONFIG_HOME and HOME (XDG Base Directory Specification: relative
// values are ignored).
#include "paths.hpp"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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
  if (const auto directory = absolute_variable("XDG_CONFIG_HOME"))
    return *directory + "/uds/udsd.toml";
  if (const auto home = absolute_variable("HOME")) return *home + "/.config/uds/udsd.toml";
  return std::nullopt;
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
