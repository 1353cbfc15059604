// connect(2) on a Unix socket: at once or not at all.
//
// A full backlog answers EAGAIN on a non-blocking socket (connect(2)); there is nothing to wait for
// in poll(2), so the caller tries again. Asio's async_connect takes that EAGAIN for success, which
// is why it is not used.
#include "connector.hpp"

#include "deadline.hpp"
#include "peer_credentials.hpp"
#include "socket_path.hpp"
#include "uds/access.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace uds::detail {
namespace {

constexpr std::chrono::milliseconds kLongestPause{50};

}  // namespace

Connector::Connector(std::string path, std::chrono::milliseconds timeout,
                     std::vector<uid_t> server_uids, Fd socket)
    : path_(std::move(path)),
      timeout_(timeout),
      server_uids_(std::move(server_uids)),
      socket_(std::move(socket)),
      deadline_(deadline_after(timeout)) {}

Result<Connector> Connector::open(const std::string& path, std::chrono::milliseconds timeout,
                                  std::vector<uid_t> server_uids) {
  auto parts = split_path(path);
  if (!parts) return std::move(parts).error();
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket)
    return failed_call(errno, "cannot open a socket",
                       "close what is open or raise the limit of open files");
  return Connector(path, timeout, std::move(server_uids), std::move(socket));
}

Result<bool> Connector::attempt() {
  const UnixAddress address = path_address(path_);
  if (::connect(socket_.get(), address.get(), address.size) == 0) return check_server();
  if (errno != EAGAIN && errno != EINTR) return refusal(errno);
  if (Clock::now() < deadline_) return false;
  return Error(Errc::ServerBusy,
               "the server at " + show_path(path_) + " did not take the connection within " +
                   std::to_string(timeout_.count()) + " ms: its queue is full; try again later");
}

std::chrono::milliseconds Connector::pause() {
  const auto wait = std::min(pause_, remaining(deadline_));
  pause_ = std::min(pause_ * 2, kLongestPause);
  return wait;
}

Error Connector::refusal(int errno_value) const {
  const std::string path = show_path(path_);
  switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
      return {Errc::NoDaemon, "no socket at " + path + ": start the daemon or correct the path"};
    case ECONNREFUSED: {
      struct stat file{};
      if (::stat(path_.c_str(), &file) == 0 && !S_ISSOCK(file.st_mode))
        return {Errc::ConnectionRefused, path + " is " + std::string(kind_of_file(file.st_mode)) +
                                             " and no socket: correct the path"};
      return {Errc::ConnectionRefused, "nobody listens on " + path + ": start the daemon again"};
    }
    case EPROTOTYPE:
      return {Errc::ConnectionRefused,
              path + " is a socket of another kind, no stream: correct the path"};
    case EACCES:
    case EPERM:
      return {Errc::AccessDenied, "you may not open " + path +
                                      ": join the group that owns it or ask the administrator"};
    default:
      return failed_call(errno_value, "cannot connect to " + path,
                         "correct the path or see the log of the daemon");
  }
}

Result<bool> Connector::check_server() {
  auto server = peer_uid(socket_.get());
  if (!server) return std::move(server).error();
  const uid_t uid = *server;
  if (uid == 0) return true;
  const bool listed =
      std::find(server_uids_.begin(), server_uids_.end(), uid) != server_uids_.end();
  const bool own = uid == ::geteuid() && !is_nobody(uid);
  if (own || listed) return true;
  return Error(Errc::UntrustedServer,
               "the server at " + show_path(path_) + " runs as uid " + std::to_string(uid) +
                   ", which is neither root nor you; find out who serves this path, or name "
                   "that uid as trusted");
}

}  // namespace uds::detail
