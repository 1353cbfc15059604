// Taking over a listening socket that systemd or another parent has made.
//
// A number in the environment says which descriptor it is, so everything about it is checked before
// use: a wrong one would serve strangers or fail later in confusing ways. What stands in the file
// system is not touched.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "socket_path.hpp"
#include "uds/socket_builder.hpp"

namespace uds {
namespace {

Error refuse(int descriptor, const std::string& reason) {
  return {Errc::BadDescriptor, "descriptor " + std::to_string(descriptor) + " " + reason +
                                   "; pass a listening Unix stream socket"};
}

Result<int> socket_option(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) != 0)
    return Error::from_errno("getsockopt", errno);
  return value;
}

// A failing question counts as the wrong answer.
bool option_is(int descriptor, int option, int expected) {
  const auto value = socket_option(descriptor, option);
  return value && *value == expected;
}

Result<void> check_kind(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return refuse(descriptor, "is not open");
  if (!S_ISSOCK(status.st_mode))
    return refuse(descriptor, "is " + std::string(detail::kind_of_file(status.st_mode)));
  if (!option_is(descriptor, SO_DOMAIN, AF_UNIX)) return refuse(descriptor, "is no Unix socket");
  if (!option_is(descriptor, SO_TYPE, SOCK_STREAM))
    return refuse(descriptor, "is no stream socket");
  if (!option_is(descriptor, SO_ACCEPTCONN, 1)) return refuse(descriptor, "does not listen");
  return {};
}

Result<std::string> bound_path(int descriptor) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return refuse(descriptor, "has no address");
  if (size <= offsetof(sockaddr_un, sun_path)) return refuse(descriptor, "has no path");
  const std::string_view stored(address.sun_path, size - offsetof(sockaddr_un, sun_path));
  if (stored.front() == '\0') return "@" + std::string(stored.substr(1));
  return std::string(stored.substr(0, stored.find('\0')));
}

Result<void> set_flags(int descriptor, bool blocking) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0) return Error::from_errno("cannot read the flags of the socket", errno);
  const int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 || ::fcntl(descriptor, F_SETFL, wanted) != 0)
    return Error::from_errno("cannot set the flags of the socket", errno);
  return {};
}

}  // namespace

Result<ListeningSocket> SocketBuilder::adopt(int descriptor) const {
  ListeningSocket taken;
  taken.descriptor_ = Fd(descriptor);
  taken.adopted_ = true;

  const auto suitable = check_kind(descriptor);
  if (!suitable) return suitable.error();
  auto path = bound_path(descriptor);
  if (!path) return path.error();
  if (!path_.empty() && *path != path_)
    return Error(Errc::BadDescriptor, "descriptor " + std::to_string(descriptor) +
                                          " is the socket " + detail::show_path(*path) + ", not " +
                                          detail::show_path(path_) +
                                          "; use the same path in both configurations");
  if (path->starts_with('@') && !allow_abstract_)
    return refuse(descriptor, "is the abstract socket " + detail::show_path(*path) +
                                  ", which no file permission protects");
  const auto ready = set_flags(descriptor, blocking_);
  if (!ready) return ready.error();
  taken.path_ = *std::move(path);
  return taken;
}

}  // namespace uds
