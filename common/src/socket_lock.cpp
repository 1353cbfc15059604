// Takes the lock file of a socket; see socket_lock.hpp.
//
// flock(2) and not fcntl(2): the lock belongs to the descriptor and ends with the process, however
// that dies. The pid inside only serves the message of the process that came second; nothing is
// decided by it.
#include "socket_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "socket_path.hpp"

namespace uds::detail {
namespace {

constexpr mode_t kLockMode = 0600;  // whoever may open the file may hold the lock
constexpr int kAttempts = 100;

// In a directory like /tmp anybody can be there first, with a file of his own or a trap.
Result<void> check_lock(const struct stat& file, const std::string& shown) {
  const auto untrusted = [&shown](const std::string& reason) {
    return Error(Errc::UnsafeDirectory, "the lock file " + shown + " cannot be trusted: it " +
                                            reason + "; remove it or choose another directory");
  };
  if (!S_ISREG(file.st_mode)) return untrusted("is " + std::string(kind_of_file(file.st_mode)));
  if (file.st_uid != 0 && file.st_uid != ::geteuid())
    return untrusted("belongs to uid " + std::to_string(file.st_uid));
  if (file.st_nlink > 1) return untrusted("has a second name elsewhere (a hard link)");
  return {};
}

pid_t read_owner(int lock) {
  std::array<char, 16> text{};
  const ssize_t size = ::pread(lock, text.data(), text.size(), 0);
  pid_t pid = 0;
  if (size <= 0 || std::from_chars(text.data(), text.data() + size, pid).ec != std::errc{})
    return 0;
  // The owner may not have written yet; then this is the pid of one that is gone.
  const bool alive = pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
  return alive ? pid : 0;
}

void write_owner(int lock) {
  const std::string text = std::to_string(::getpid()) + "\n";
  const bool written = ::ftruncate(lock, 0) == 0 && ::pwrite(lock, text.data(), text.size(), 0) > 0;
  static_cast<void>(written);  // a full disk only makes a later message poorer
}

Error cannot_open(int error, int directory, const std::string& lock_name,
                  const std::string& shown) {
  struct stat file{};
  if (::fstatat(directory, lock_name.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0) {
    const auto trusted = check_lock(file, shown);
    if (!trusted) return trusted.error();
  }
  return failed_call(error, "cannot open the lock file " + shown,
                     "this process must be able to write to that file and its directory");
}

}  // namespace

Result<Fd> lock_socket(int directory, const std::string& name, const std::string& path) {
  const std::string lock_name = name + ".lock";
  const std::string shown = show_path(path + ".lock");

  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // O_NONBLOCK: nothing that stands there instead of a file can make this wait.
    constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    Fd lock(::openat(directory, lock_name.c_str(), kFlags, kLockMode));
    if (!lock) return cannot_open(errno, directory, lock_name, shown);

    struct stat opened{};
    if (::fstat(lock.get(), &opened) != 0)
      return failed_call(errno, "cannot examine the lock file " + shown, "check the file system");
    const auto trusted = check_lock(opened, shown);
    if (!trusted) return trusted.error();
    const bool ours = opened.st_uid == ::geteuid();
    if (ours && (opened.st_mode & 07777) != kLockMode && ::fchmod(lock.get(), kLockMode) != 0)
      return failed_call(errno, "cannot set the mode of the lock file " + shown, "remove it");

    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return in_use(path, read_owner(lock.get()));
      return failed_call(errno, "cannot lock " + shown, "check that the file system has locks");
    }
    // A cleaner of old files may have removed it before it was locked; then another process can
    // lock a new one.
    struct stat named{};
    if (::fstatat(directory, lock_name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
        is_same_file(opened, named)) {
      write_owner(lock.get());
      return lock;
    }
  }
  return Error(Errc::UnsafeDirectory, "the lock file " + shown + " is removed again and again; " +
                                          "find out which program does that");
}

}  // namespace uds::detail
