// uds-raw-echo: the limit that a server on a Unix socket can reach on this machine. One thread, no
// parsing, no checks: it counts line ends, or gives back what it got.
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

/// What is sent for what was received.
class Reply {
 public:
  /// `bytes`: the size of the line that answers each line; 0 gives back what came.
  explicit Reply(std::size_t bytes) {
    if (bytes > 0) line_ = std::string(bytes - 1, 'x') + "\n";
  }
  void append(std::string& out, std::string_view input) const {
    if (line_.empty()) {
      out += input;
      return;
    }
    for (auto lines = std::ranges::count(input, '\n'); lines > 0; --lines) out += line_;
  }
  /// Whether `out` can be sent: what is given back goes line by line, as from a server that reads a
  /// message before it answers.
  [[nodiscard]] bool whole(std::string_view out) const {
    return !line_.empty() || out.ends_with('\n');
  }

 private:
  std::string line_;
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
  std::string out;
  for (;;) {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) die("accept");
    for (;;) {
      const ssize_t size = ::recv(socket, room.data(), room.size(), 0);
      if (size <= 0) break;
      out.clear();
      reply.append(out, {room.data(), static_cast<std::size_t>(size)});
      std::size_t sent = 0;
      while (sent < out.size()) {
        const ssize_t count = ::send(socket, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
        if (count < 0) break;
        sent += static_cast<std::size_t>(count);
      }
    }
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
    std::string& out = unsent_[socket];
    for (;;) {
      if (reply_.whole(out) && !flush(socket, out)) return;
      const ssize_t size = ::recv(socket, room_.data(), room_.size(), 0);
      if (size < 0 && errno == EAGAIN) return;
      if (size <= 0) return end(socket);
      reply_.append(out, {room_.data(), static_cast<std::size_t>(size)});
      if (static_cast<std::size_t>(size) < room_.size()) {  // the next byte is an edge
        if (reply_.whole(out)) flush(socket, out);
        return;
      }
    }
  }
  /// False when there is nothing more to do now.
  bool flush(int socket, std::string& out) {
    while (!out.empty()) {
      const ssize_t count = ::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) {
        watch(socket, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT | EPOLLET);
        return false;
      }
      if (count < 0) return end(socket), false;
      if (static_cast<std::size_t>(count) == out.size())
        out.clear();
      else
        out.erase(0, static_cast<std::size_t>(count));
    }
    return true;
  }
  void end(int socket) {
    unsent_.erase(socket);
    ::close(socket);
  }

  int listener_;
  int epoll_;
  const Reply& reply_;
  std::vector<char> room_ = std::vector<char>(kReadBytes);
  std::unordered_map<int, std::string> unsent_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 ||
      (std::string_view(argv[2]) != "epoll" && std::string_view(argv[2]) != "blocking")) {
    std::fputs("usage: uds-raw-echo SOCKET epoll|blocking REPLY_BYTES (0: what came)\n", stderr);
    return 64;
  }
  const Reply reply(std::strtoul(argv[3], nullptr, 10));
  const int listener = listen_on(argv[1]);
  if (std::string_view(argv[2]) == "blocking") serve_blocking(listener, reply);
  EpollServer(listener, reply).run();
}
