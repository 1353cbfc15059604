// uds-raw-echo: the limit that a server on a Unix socket can reach on this machine. One thread, no
// parsing, no checks: it counts line ends, or gives back what it got. It can answer each line with
// many, which is the limit of a stream.
//
// Not a server to use: it trusts its peers, has no limits, and ends when a system call fails.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(71);
}

/// What one connection is still to get.
struct Outbox {
  std::string bytes;
  std::size_t lines_owed = 0;

  /// Whether all `bytes` went out. If not, there is no room, or the client has gone (`failed`).
  bool flush(int socket) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0) {
        failed = errno != EAGAIN;
        return false;
      }
      if (static_cast<std::size_t>(count) == bytes.size())
        bytes.clear();
      else
        bytes.erase(0, static_cast<std::size_t>(count));
    }
    return true;
  }
  bool failed = false;
};

/// What is sent for what was received.
class Reply {
 public:
  /// `bytes`: the size of each of the `lines` that answer a line; 0 gives back what came.
  Reply(std::size_t bytes, std::size_t lines) : line_bytes_(bytes), lines_(lines) {
    if (bytes == 0) return;
    const std::string line = std::string(bytes - 1, 'x') + "\n";
    for (std::size_t i = 0; i < std::max(kChunkBytes / bytes, std::size_t{1}); ++i) chunk_ += line;
  }
  /// Answers `input`; refill() brings what is more than a chunk.
  void add(std::string_view input, Outbox& out) const {
    if (line_bytes_ == 0) {
      out.bytes += input;
      return;
    }
    out.lines_owed += static_cast<std::size_t>(std::ranges::count(input, '\n')) * lines_;
    refill(out);
  }
  /// Moves lines that are owed to the bytes to send, a chunk at most. False if none are owed.
  bool refill(Outbox& out) const {
    if (out.lines_owed == 0) return false;
    const std::size_t now = std::min(out.lines_owed, chunk_.size() / line_bytes_);
    out.bytes.append(chunk_, 0, now * line_bytes_);
    out.lines_owed -= now;
    return true;
  }
  /// Whether `out` can be sent: what is given back goes line by line, as from a server that reads a
  /// message before it answers.
  [[nodiscard]] bool whole(const Outbox& out) const {
    return line_bytes_ > 0 || out.bytes.ends_with('\n');
  }

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
  std::size_t line_bytes_;
  std::size_t lines_;
  std::string chunk_;
};

int listen_on(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) die("path");
  std::strcpy(address.sun_path, path);
  ::unlink(path);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    die("bind");
  if (::listen(listener, 4096) != 0) die("listen");
  return listener;
}

/// One connection after the other.
[[noreturn]] void serve_blocking(int listener, const Reply& reply) {
  std::vector<char> room(kReadBytes);
  Outbox outbox;
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) die("accept");
    for (;;) {
      const ssize_t size = ::recv(socket, room.data(), room.size(), 0);
      if (size <= 0) break;
      reply.add({room.data(), static_cast<std::size_t>(size)}, outbox);
      while (outbox.flush(socket) && reply.refill(outbox)) {
      }
    }
    outbox = Outbox();
    ::close(socket);
  }
}

/// All connections by epoll, edge-triggered; output that does not fit waits for room.
class EpollServer {
 public:
  EpollServer(int listener, const Reply& reply)
      : listener_(listener), epoll_(::epoll_create1(EPOLL_CLOEXEC)), reply_(reply) {
    watch(listener_, EPOLL_CTL_ADD, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 128> events{};
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const auto& event = events.at(static_cast<std::size_t>(i));
        if (event.data.fd == listener_)
          accept_all();
        else
          serve(event.data.fd);
      }
    }
  }

 private:
  void watch(int descriptor, int how, unsigned events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll_, how, descriptor, &event) != 0) die("epoll_ctl");
  }
  void accept_all() {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) watch(socket, EPOLL_CTL_ADD, EPOLLIN | EPOLLET);
  }
  void serve(int socket) {
    Outbox& out = outboxes_[socket];
    for (;;) {
      if (!send_all(socket, out)) return;
      const ssize_t size = ::recv(socket, room_.data(), room_.size(), 0);
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) return end(socket);
      reply_.add({room_.data(), static_cast<std::size_t>(size)}, out);
      if (static_cast<std::size_t>(size) < room_.size()) {  // the next byte is an edge
        send_all(socket, out);
        return;
      }
    }
  }
  /// False when the connection waits for room, or is gone.
  bool send_all(int socket, Outbox& out) {
    if (!reply_.whole(out)) return true;
    do {
      if (out.flush(socket)) continue;
      if (out.failed)
        end(socket);
      else
        watch(socket, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT | EPOLLET);
      return false;
    } while (reply_.refill(out));
    return true;
  }
  void end(int socket) {
    outboxes_.erase(socket);
    ::close(socket);
  }

  int listener_;
  int epoll_;
  const Reply& reply_;
  std::vector<char> room_ = std::vector<char>(kReadBytes);
  std::unordered_map<int, Outbox> outboxes_;
};

}  // namespace

int main(int argc, char** argv) {
  if ((argc != 4 && argc != 5) ||
      (std::string_view(argv[2]) != "epoll" && std::string_view(argv[2]) != "blocking")) {
    std::fputs(
        "usage: uds-raw-echo SOCKET epoll|blocking BYTES [LINES]\n"
        "Each line is answered with LINES (1) lines of BYTES; with BYTES = 0 by what came.\n",
        stderr);
    return 64;
  }
  const Reply reply(std::strtoul(argv[3], nullptr, 10),
                    argc == 5 ? std::strtoul(argv[4], nullptr, 10) : 1);
  const int listener = listen_on(argv[1]);
  if (std::string_view(argv[2]) == "blocking") serve_blocking(listener, reply);
  EpollServer(listener, reply).run();
}
