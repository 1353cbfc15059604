// Making a listening Unix socket safely, or adopting one that systemd made.
//
// SocketBuilder collects what is wanted and does the work in one call; ListeningSocket owns the
// result: the descriptor, the lock file that keeps a second server away, and the duty to unlink the
// socket at the end. Nothing is ever removed from the file system but a dead socket, and only under
// the lock.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace uds {

/// A listening socket and what belongs to it. Closing it (destruction) unlinks the path only if
/// this object made the socket, was asked to unlink, and the path still names the same inode. The
/// lock file stays: removing it would race.
class ListeningSocket {
 public:
  ///@{
  /// Takes over the socket and its duties; an assignment closes what was owned before.
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ///@}
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;
  ~ListeningSocket();

  /// The descriptor, to poll and accept(2) on; still owned by this object. -1 once closed.
  [[nodiscard]] int native_handle() const noexcept { return descriptor_.get(); }
  /// The path as bound; abstract names start with '@'. For an adopted socket what getsockname(2)
  /// says.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Whether it came by SocketBuilder::adopt().
  [[nodiscard]] bool adopted() const noexcept { return adopted_; }
  /// Unlinks (where that is this object's duty) and closes. Safe to call twice.
  void close() noexcept;

 private:
  friend class SocketBuilder;
  ListeningSocket() = default;

  Fd descriptor_;
  Fd directory_;  // the directory of the path, so that unlink reaches what was bound even if a
                  // parent is renamed
  Fd lock_;
  std::string path_;
  std::string name_;  // last component of path_
  dev_t device_ = 0;
  ino_t inode_ = 0;
  bool unlink_on_close_ = false;
  bool adopted_ = false;
};

/// What is wanted of a listening socket. Setters return the object; nothing happens before listen()
/// or adopt(). Wrong: bind(), chmod(), listen() by hand (strangers connect in between). Right:
///     auto socket =
///     uds::SocketBuilder("/run/app/control.sock").permissions(0660).group("app").listen();
class SocketBuilder {
 public:
  /// `path`: absolute, at most 107 bytes, in a directory that exists.
  explicit SocketBuilder(std::string path);

  /// Mode of the socket file, permission bits only. Default 0600.
  SocketBuilder& permissions(mode_t mode);
  /// User that owns the socket file: a name or a number. Default: whoever the process is. Other
  /// users need privilege.
  SocketBuilder& owner(std::string user);
  /// Group of the socket file: a name or a number. Default: the process's group.
  SocketBuilder& group(std::string name);
  /// Connections the kernel queues before accept. Default SOMAXCONN (4096), cut by
  /// net.core.somaxconn.
  SocketBuilder& backlog(int connections);
  /// Whether accept(2) on the descriptor blocks. Default false, what an event loop wants.
  SocketBuilder& blocking(bool value);
  /// Lets a path that starts with '@' name an abstract socket (unix(7)). No file permission
  /// protects those, and permissions, owner, group and the lock do not apply. Default false.
  SocketBuilder& allow_abstract(bool value);
  /// Whether closing removes the socket file. Default true. An adopted socket is never removed.
  SocketBuilder& unlink_on_close(bool value);

  /// Locks `<path>.lock`, removes a dead socket, binds, sets owner and mode, and only then listens:
  /// no client gets in before the mode is final. Errors: BadPath, PathTooLong, NotASocket, InUse,
  /// UnsafeDirectory, UnknownUser, UnknownGroup, or errno of the failing call named in the message.
  [[nodiscard]] Result<ListeningSocket> listen() const;

  /// Takes over `descriptor` (owned by the result on success; closed on failure) after checking
  /// that it is a listening AF_UNIX stream socket, bound to this builder's path unless that is
  /// empty. Sets CLOEXEC and the blocking mode. Mode, owner, lock and unlinking stay with whoever
  /// made it. Error: BadDescriptor.
  [[nodiscard]] Result<ListeningSocket> adopt(int descriptor) const;

 private:
  std::string path_;
  mode_t mode_ = 0600;
  std::optional<std::string> owner_;
  std::optional<std::string> group_;
  int backlog_ = 4096;
  bool blocking_ = false;
  bool allow_abstract_ = false;
  bool unlink_on_close_ = true;
};

}  // namespace uds
