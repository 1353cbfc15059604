// Making a listening socket at a path that others may be able to reach, and removing it again.
//
// Each step works on what the step before has opened, never on a name looked up twice, because
// other processes may change the directory at any moment. Nothing is followed, nothing but a socket
// is removed. Taking over an inherited descriptor is in socket_adopt.cpp.
#include "uds/socket_builder.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "socket_lock.hpp"
#include "socket_path.hpp"
#include "uds/accounts.hpp"

namespace uds {
namespace {

using detail::failed_call;
using detail::show_path;
using detail::SocketPath;

constexpr mode_t kPermissionBits = 0777;
constexpr mode_t kOwnerAccess = 0600;

/// Who may use the socket file.
struct FileAccess {
  uid_t owner;
  gid_t group;
  mode_t mode;
};

/// A file that is held, whatever happens to its name.
struct HeldFile {
  Fd descriptor;
  struct stat status;
};

Result<FileAccess> resolve_access(const std::optional<std::string>& owner,
                                  const std::optional<std::string>& group, mode_t mode) {
  FileAccess access{::geteuid(), ::getegid(), mode};
  if ((mode & ~kPermissionBits) != 0)
    return failed_call(EINVAL, "cannot use the mode of the socket",
                       "give permission bits only, at most 0777");
  if (owner) {
    const auto user = find_user(*owner);
    if (!user) return user.error();
    access.owner = *user;
  }
  if (group) {
    const auto found = find_group(*group);
    if (!found) return found.error();
    access.group = *found;
  }
  return access;
}

Result<Fd> open_directory(const std::string& directory) {
  Fd opened(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (opened) return opened;
  const int error = errno;
  const std::string shown = show_path(directory);
  struct stat found{};
  if (::lstat(directory.c_str(), &found) == 0 && !S_ISDIR(found.st_mode))
    return Error(Errc::UnsafeDirectory, shown + " is " +
                                            std::string(detail::kind_of_file(found.st_mode)) +
                                            "; the socket needs a real directory there");
  if (error == ENOENT)
    return Error(Errc::UnsafeDirectory, "the directory " + shown + " does not exist; create it");
  return failed_call(error, "cannot open the directory " + shown,
                     "check the permissions on the way to it");
}

Result<Fd> new_socket(bool blocking) {
  Fd made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0));
  if (made) return made;
  return failed_call(errno, "cannot make a Unix socket", "check the limits of this process");
}

Result<HeldFile> hold_file(int directory, const std::string& name) {
  HeldFile file{Fd(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)), {}};
  if (!file.descriptor || ::fstat(file.descriptor.get(), &file.status) != 0)
    return Error::from_errno("cannot examine the file", errno);
  return file;
}

// Leads to the very file that is held, where its name may lead to another one by now.
std::string held_path(const HeldFile& file) {
  return "/proc/self/fd/" + std::to_string(file.descriptor.get());
}

pid_t peer_pid(int connected) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  const bool known = ::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  return known ? credentials.pid : 0;
}

// Success means that nobody listens on the socket. The lock keeps other uds servers away; this asks
// for all others.
Result<void> expect_dead(const HeldFile& file, const std::string& path) {
  auto probe = new_socket(false);
  if (!probe) return probe.error();
  const detail::UnixAddress address = detail::path_address(held_path(file));
  if (::connect(probe->get(), address.get(), address.size) == 0)
    return detail::in_use(path, peer_pid(probe->get()));
  switch (errno) {
    case ECONNREFUSED:
      return {};
    case EAGAIN:      // its queue is full
    case EPROTOTYPE:  // it is a datagram or seqpacket socket
      return detail::in_use(path, 0);
    default:  // ENOENT: there is no /proc
      return failed_call(errno, "cannot ask whether somebody serves " + show_path(path),
                         "remove the socket if it is not in use");
  }
}

// Needs the lock: without it two starting servers could each remove the new socket of the other.
Result<void> remove_dead_socket(int directory, const SocketPath& parts, const std::string& path) {
  const auto held = hold_file(directory, parts.name);
  if (!held) {
    if (held.error().code() == std::errc::no_such_file_or_directory) return {};
    return failed_call(held.error().code().value(), "cannot examine " + show_path(path),
                       "check the permissions of its directory");
  }
  const HeldFile& file = *held;
  if (!S_ISSOCK(file.status.st_mode))
    return Error(Errc::NotASocket, show_path(path) + " is " +
                                       std::string(detail::kind_of_file(file.status.st_mode)) +
                                       "; move it away or choose another path");
  const auto dead = expect_dead(file, path);
  if (!dead) return dead.error();

  struct stat named{};
  if (::fstatat(directory, parts.name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
      !detail::is_same_file(file.status, named))
    return Error(Errc::UnsafeDirectory, show_path(path) + " changed while it was examined; find " +
                                            "out who else writes to its directory");
  if (::unlinkat(directory, parts.name.c_str(), 0) != 0)
    return failed_call(errno, "cannot remove the dead socket " + show_path(path),
                       "remove it as its owner");
  return {};
}

// The plain path and not /proc/self/fd/N/name, which ss(8) and getsockname(2) would show for ever.
// That is safe: bind(2) makes a new file or fails, follows no link at the end of the path, and the
// file is checked afterwards through the directory's descriptor.
Result<void> bind_path(int descriptor, const std::string& path) {
  const detail::UnixAddress address = detail::path_address(path);
  if (::bind(descriptor, address.get(), address.size) == 0) return {};
  if (errno == EADDRINUSE)
    return Error(Errc::InUse, "something else appeared at " + show_path(path) +
                                  " just now; find out what uses that path, then try again");
  return failed_call(errno, "cannot make the socket " + show_path(path),
                     "this process must be able to write to the directory");
}

// `allowed`: the bits the new file can have at most; the umask may have taken some away.
Result<HeldFile> hold_bound(int directory, const SocketPath& parts, mode_t allowed,
                            const std::string& path) {
  auto file = hold_file(directory, parts.name);
  if (file) {
    const struct stat& status = file->status;
    const bool ours = S_ISSOCK(status.st_mode) && status.st_uid == ::geteuid() &&
                      status.st_nlink == 1 && (status.st_mode & 07777 & ~allowed) == 0;
    if (ours) return file;
  }
  return Error(Errc::UnsafeDirectory, show_path(path) + " was replaced while it was made; find " +
                                          "out who else writes to its directory");
}

Result<void> set_access(const HeldFile& file, const FileAccess& access, const std::string& path) {
  const struct stat& status = file.status;
  if ((status.st_uid != access.owner || status.st_gid != access.group) &&
      ::fchownat(file.descriptor.get(), "", access.owner, access.group, AT_EMPTY_PATH) != 0)
    return failed_call(errno,
                       "cannot give " + show_path(path) + " to uid " +
                           std::to_string(access.owner) + " and gid " +
                           std::to_string(access.group),
                       "run as root, or choose a group this process belongs to");
  if ((status.st_mode & kPermissionBits) == access.mode) return {};
  if (::chmod(held_path(file).c_str(), access.mode) == 0) return {};
  const std::string what = "cannot set the mode of " + show_path(path);
  if (errno == ENOENT) return failed_call(errno, what, "mount /proc, which this needs");
  return failed_call(errno, what, "leave the owner as it is, or run as root");
}

Result<void> start(int descriptor, int backlog, const std::string& path) {
  if (::listen(descriptor, backlog) == 0) return {};
  return failed_call(errno, "cannot listen on " + show_path(path), "choose another path");
}

Result<Fd> bind_abstract(const std::string& path, bool blocking) {
  const auto acceptable = detail::check_abstract(path);
  if (!acceptable) return acceptable.error();
  auto made = new_socket(blocking);
  if (!made) return made.error();
  const detail::UnixAddress address = detail::abstract_address(path);
  if (::bind(made->get(), address.get(), address.size) == 0) return made;
  if (errno == EADDRINUSE) return detail::in_use(path, 0);
  return failed_call(errno, "cannot make the socket " + show_path(path), "choose another name");
}

}  // namespace

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      directory_(std::move(other.directory_)),
      lock_(std::move(other.lock_)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      device_(other.device_),
      inode_(other.inode_),
      unlink_on_close_(std::exchange(other.unlink_on_close_, false)),
      adopted_(other.adopted_) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  if (this == &other) return *this;
  close();
  descriptor_ = std::move(other.descriptor_);
  directory_ = std::move(other.directory_);
  lock_ = std::move(other.lock_);
  path_ = std::move(other.path_);
  name_ = std::move(other.name_);
  device_ = other.device_;
  inode_ = other.inode_;
  unlink_on_close_ = std::exchange(other.unlink_on_close_, false);
  adopted_ = other.adopted_;
  return *this;
}

ListeningSocket::~ListeningSocket() {
  close();
}

void ListeningSocket::close() noexcept {
  struct stat named{};
  if (std::exchange(unlink_on_close_, false) &&
      ::fstatat(directory_.get(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      named.st_dev == device_ && named.st_ino == inode_)
    ::unlinkat(directory_.get(), name_.c_str(), 0);
  descriptor_.reset();
  directory_.reset();
  lock_.reset();  // last: until here no other server may touch the path
}

SocketBuilder::SocketBuilder(std::string path) : path_(std::move(path)) {}

SocketBuilder& SocketBuilder::permissions(mode_t mode) {
  mode_ = mode;
  return *this;
}

SocketBuilder& SocketBuilder::owner(std::string user) {
  owner_ = std::move(user);
  return *this;
}

SocketBuilder& SocketBuilder::group(std::string name) {
  group_ = std::move(name);
  return *this;
}

SocketBuilder& SocketBuilder::backlog(int connections) {
  backlog_ = connections;
  return *this;
}

SocketBuilder& SocketBuilder::blocking(bool value) {
  blocking_ = value;
  return *this;
}

SocketBuilder& SocketBuilder::allow_abstract(bool value) {
  allow_abstract_ = value;
  return *this;
}

SocketBuilder& SocketBuilder::unlink_on_close(bool value) {
  unlink_on_close_ = value;
  return *this;
}

Result<ListeningSocket> SocketBuilder::listen() const {
  ListeningSocket made;
  made.path_ = path_;
  if (allow_abstract_ && path_.starts_with('@')) {
    auto bound = bind_abstract(path_, blocking_);
    if (!bound) return bound.error();
    made.descriptor_ = *std::move(bound);
    const auto started = start(made.native_handle(), backlog_, path_);
    if (!started) return started.error();
    return made;
  }

  const auto parts = detail::split_path(path_);
  if (!parts) return parts.error();
  const auto access = resolve_access(owner_, group_, mode_);
  if (!access) return access.error();
  auto directory = open_directory(parts->directory);
  if (!directory) return directory.error();
  auto lock = detail::lock_socket(directory->get(), parts->name, path_);
  if (!lock) return lock.error();
  const auto free = remove_dead_socket(directory->get(), *parts, path_);
  if (!free) return free.error();
  auto unbound = new_socket(blocking_);
  if (!unbound) return unbound.error();
  made.descriptor_ = *std::move(unbound);
  made.directory_ = *std::move(directory);
  made.lock_ = *std::move(lock);
  made.name_ = parts->name;

  // Linux gives the file the mode of the unbound socket, so there is no moment in which strangers
  // could open it. The umask would do the same, but for all threads of the process.
  if (::fchmod(made.native_handle(), mode_ & kOwnerAccess) != 0)
    return failed_call(errno, "cannot set the mode of the socket",
                       "check the limits of this process");
  const auto bound = bind_path(made.native_handle(), path_);
  if (!bound) return bound.error();
  const auto file = hold_bound(made.directory_.get(), *parts, mode_ & kOwnerAccess, path_);
  if (!file) return file.error();
  made.device_ = file->status.st_dev;
  made.inode_ = file->status.st_ino;
  made.unlink_on_close_ = true;  // from here on a failure cleans up
  const auto shared = set_access(*file, *access, path_);
  if (!shared) return shared.error();
  const auto started = start(made.native_handle(), backlog_, path_);
  if (!started) return started.error();
  made.unlink_on_close_ = unlink_on_close_;
  return made;
}

}  // namespace uds
