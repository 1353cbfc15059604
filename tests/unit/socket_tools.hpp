// What the tests of SocketBuilder share: sockets and files made by hand, and code run in other
// processes.
//
// Nothing here uses the code under test. Code in a child process must not use GoogleTest: it
// reports by its exit.
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "uds/fd.hpp"

namespace uds_test {

inline constexpr unsigned kNobody = 65534;

struct RawAddress {
  sockaddr_un value{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&value); }
};

/// The bytes as they are: a NUL first makes an abstract name.
inline RawAddress raw_address(const std::string& bytes) {
  RawAddress address;
  address.value.sun_family = AF_UNIX;
  std::memcpy(address.value.sun_path, bytes.data(), bytes.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + bytes.size());
  return address;
}

/// A connected descriptor, or none and errno.
inline uds::Fd connect_to(const std::string& path) {
  uds::Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const RawAddress address = raw_address(path);
  if (::connect(client.get(), address.get(), address.size) != 0) client.reset();
  return client;
}

/// What a careless program would have at the path; it listens when `backlog` is not negative.
inline uds::Fd raw_socket(const std::string& path, int backlog = -1, int type = SOCK_STREAM) {
  uds::Fd made(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  const RawAddress address = raw_address(path);
  if (::bind(made.get(), address.get(), address.size) != 0) return {};
  if (backlog >= 0 && ::listen(made.get(), backlog) != 0) return {};
  return made;
}

inline void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Of the name itself, not of what a link leads to; all zero when there is nothing.
inline struct stat status_of(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return {};
  return status;
}

inline mode_t mode_of(const std::string& path) {
  return status_of(path).st_mode & 07777;
}
inline bool exists(const std::string& path) {
  return status_of(path).st_nlink != 0;
}

inline bool become_nobody() {
  return ::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0;
}

/// Runs `body` in a child process; its result is the exit status.
template <class Body>
pid_t start_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}

/// The exit status of a child, or -1 when a signal ended it.
inline int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Runs `body` in a child without privileges.
template <class Body>
int run_as_nobody(Body body) {
  return wait_for(start_child([&] { return become_nobody() ? body() : 99; }));
}

struct Pipe {
  Pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) == 0) {
      reader.reset(ends[0]);
      writer.reset(ends[1]);
    }
  }
  uds::Fd reader;
  uds::Fd writer;
};

}  // namespace uds_test
