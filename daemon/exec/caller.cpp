// Bodies of caller.hpp.
#include "exec/caller.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <utility>

#include "exec/socket_option.hpp"
#include "peer_credentials.hpp"
#include "read_file.hpp"
#include "shared/account.hpp"
#include "trust.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

using Problem = std::optional<std::string>;

/// SIOCUNIXFILE of <linux/un.h>, which cannot be included beside <sys/un.h>: opens the file that a
/// socket is bound to, as O_PATH. An accepted socket has that of its listener.
constexpr unsigned long kUnixFile = SIOCPROTOPRIVATE;

/// The path that the socket is bound to; empty where it is none.
std::string bound_path(int socket) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  constexpr std::size_t kPathAt = offsetof(sockaddr_un, sun_path);
  if (size <= kPathAt || size > sizeof address || address.sun_path[0] != '/') return {};
  const std::string path(address.sun_path, size - kPathAt);
  return path.substr(0, path.find('\0'));
}

/// Why the socket file at `path`, as it is named, may be another's; nothing if it is root's or
/// ours.
Problem distrust_place(const std::string& path, bool private_instance, struct stat& file) {
  const std::string directory = directory_of(path);
  const std::string name = path.substr(path.rfind('/') + 1);
  const uds::Fd place(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place)
    return uds::Error::from_errno("cannot open the directory of its socket", errno).message();
  if (distrust(place.get(), private_instance ? ::geteuid() : 0))
    return "its socket stands in " + uds::log_quote(directory) +
           ", where others could put one of theirs; let udsd serve in a directory that only " +
           (private_instance ? "its user" : "root") + " may write to";
  if (::fstatat(place.get(), name.c_str(), &file, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISSOCK(file.st_mode))
    return "there is no socket at " + uds::log_quote(path) + " any more";
  return std::nullopt;
}

/// A path is only a text, and means something else in another mount namespace. What counts is that
/// the socket was bound to that very file. Asking needs CAP_NET_ADMIN, which a private instance
/// need not have: there udsd has no fewer rights than we.
Problem distrust_binding(int socket, const struct stat& file) {
  const uds::Fd bound(::ioctl(socket, kUnixFile, 0));
  struct stat status{};
  if (!bound || ::fstat(bound.get(), &status) != 0)
    return uds::Error::from_errno(
               "cannot ask which file its socket is bound to; udsd-exec needs CAP_NET_ADMIN", errno)
        .message();
  if (status.st_dev != file.st_dev || status.st_ino != file.st_ino)
    return std::string("its socket is bound to another file than the one that stands there");
  return std::nullopt;
}

Problem distrust_connection(int socket, bool private_instance) {
  if (socket_option(socket, SO_DOMAIN) != AF_UNIX || socket_option(socket, SO_TYPE) != SOCK_STREAM)
    return std::string("it is no Unix stream socket");
  // The peer of a listener, says the kernel, is whoever listens.
  if (socket_option(socket, SO_ACCEPTCONN) != 0)
    return std::string("it is a listening socket and no connection");
  const std::string path = bound_path(socket);
  if (path.empty())
    return std::string("it is not the accepted end of a connection to a socket with a path");
  struct stat file{};
  if (auto why = distrust_place(path, private_instance, file)) return why;
  if (!private_instance)
    if (auto why = distrust_binding(socket, file)) return why;
  return std::nullopt;
}

bool is_gone(int socket) {
  pollfd entry{socket, 0, 0};
  return ::poll(&entry, 1, 0) != 0;
}

std::string login_uid_of(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/loginuid");
  // (uid_t)-1: nobody has logged in there.
  return text && *text != "4294967295" ? *text : std::string();
}

std::string executable_of(pid_t pid) {
  std::array<char, 4096> path{};
  const ssize_t size =
      ::readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), path.data(), path.size());
  return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

uds::Result<Caller, std::string> identify_caller(uds::Fd connection, bool private_instance) {
  if (const auto why = distrust_connection(connection.get(), private_instance))
    return "the caller's connection does not count: " + *why;
  auto peer = uds::detail::peer_credentials(connection.get());
  if (!peer) return peer.error().message();
  // Asked last: who is still there now was there all the time.
  if (is_gone(connection.get())) return std::string("the caller has left");
  connection.reset();
  const pid_t pid = peer->pid;
  std::string user = user_name(peer->uid);
  return Caller{*std::move(peer), std::move(user), login_uid_of(pid), executable_of(pid)};
}

}  // namespace udsd
