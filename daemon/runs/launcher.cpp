// Bodies of launcher.hpp. posix_spawn(3): between its fork and its exec nothing of ours runs.
#include "runs/launcher.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <utility>

#include <spawn.h>

namespace udsd {
namespace {

constexpr const char* kProgram = "udsd-exec";

uds::Result<uds::Fd> connect_to(const std::string& path) {
  uds::Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return uds::Error::from_errno("cannot make a socket", errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return uds::Error(uds::Errc::PathTooLong);
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return uds::Error::from_errno(
        "cannot reach " + path + " (systemctl status udsd-exec.socket may say why)", errno);
  return socket;
}

/// Beside udsd itself, as in a build; else where it is installed.
std::string program_path() {
  std::array<char, PATH_MAX> own{};
  const ssize_t size = ::readlink("/proc/self/exe", own.data(), own.size());
  if (size > 0) {
    std::string path(own.data(), static_cast<std::size_t>(size));
    path.resize(path.rfind('/') + 1);
    path += kProgram;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return UDSD_EXEC_PROGRAM;
}

class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

uds::Result<uds::Fd> start_program(const std::vector<std::string>& arguments) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return uds::Error::from_errno("cannot make a pair of sockets", errno);
  uds::Fd ours(pair[0]);
  const uds::Fd theirs(pair[1]);

  SpawnSettings settings;
  ::posix_spawn_file_actions_adddup2(&settings.actions, theirs.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, STDERR_FILENO + 1);
  sigset_t all;
  sigset_t none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  // A session of its own: what a terminal sends to udsd is not for its runs.
  ::posix_spawnattr_setflags(&settings.attributes,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  const std::string program = program_path();
  std::vector<char*> argv{const_cast<char*>(kProgram)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int failure = ::posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes,
                                    argv.data(), environ);
  if (failure != 0) return uds::Error::from_errno("cannot start " + program, failure);
  return ours;
}

}  // namespace

uds::Result<uds::Fd> launch_exec(const LauncherSettings& settings) {
  return settings.socket ? connect_to(*settings.socket) : start_program(settings.arguments);
}

}  // namespace udsd
