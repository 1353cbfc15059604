// Body of socket_choice.hpp.
#include "socket_choice.hpp"

#include "exit_code.hpp"
#include "visible_text.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>

namespace udsctl {
namespace {

constexpr const char* kSystemSocket = UDS_SOCKET_PATH;

std::optional<std::string> environment(const char* name) {
  const char* const value = ::secure_getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::optional<std::string> private_socket() {
  const auto directory = environment("XDG_RUNTIME_DIR");
  if (!directory) return std::nullopt;
  return *directory + "/uds/uds.sock";
}

bool is_socket(const std::string& path) {
  struct stat file{};
  return ::stat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode);
}

std::string absolute(std::string path) {
  if (path.empty() || path.front() == '/' || path.front() == '@') return path;
  const std::unique_ptr<char, decltype(&std::free)> here(::getcwd(nullptr, 0), &std::free);
  return here ? std::string(here.get()) + "/" + path : path;
}

}  // namespace

uds::Result<std::string, uds::Error> choose_socket(const Options& options) {
  if (options.socket) return absolute(*options.socket);
  if (options.user) {
    if (auto path = private_socket()) return *std::move(path);
    return uds::Error(uds::Errc::BadPath,
                      "--user needs XDG_RUNTIME_DIR, which is not set; log in to a session or give "
                      "--socket PATH");
  }
  return absolute(environment("UDS_SOCKET").value_or(kSystemSocket));
}

std::string source_of_socket(const Options& options) {
  if (options.socket) return "named with --socket";
  if (options.user) return "the private instance, by --user";
  return environment("UDS_SOCKET") ? "named by UDS_SOCKET" : "the system instance, by default";
}

bool is_system_socket(std::string_view path) {
  return path == kSystemSocket;
}

std::string start_command(const std::string& path) {
  if (is_system_socket(path)) return "systemctl start udsd.socket";
  return path == private_socket() ? "udsd --user" : "udsd --socket " + visible(path);
}

std::string other_instance(const std::string& path) {
  const auto mine = private_socket();
  if (path != kSystemSocket && is_socket(kSystemSocket))
    return std::string("; the system instance has its socket at ") + kSystemSocket;
  if (mine && path != *mine && is_socket(*mine))
    return "; a private instance has its socket at " + visible(*mine) + ", try --user";
  return {};
}

std::string explain(const uds::Error& error, const std::string& path) {
  std::string sentence = error.message();
  if (error.is(uds::Errc::UntrustedServer)) sentence += " with --server-uid";
  if (exit_for(error) != Exit::NoDaemon) return sentence;

  if (error.is(uds::Errc::NoDaemon))
    sentence = "no socket at " + visible(path) + ": is udsd running? (" + start_command(path) + ")";
  return sentence + other_instance(path);
}

}  // namespace udsctl
