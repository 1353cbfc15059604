// uds-bench: one load against one server on a Unix socket, as fast as the server answers.
//
// It speaks lines: sends a fixed request, and takes so many line ends for its answer. It parses
// nothing and checks nothing (uds-load does), so that little of the time is its own. Prints one
// line of JSON: requests, seconds, percentiles of the latency, and the CPU time that the server
// used.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(71);
}

struct Load {
  std::string path;
  std::string request;
  std::size_t lines_per_reply = 1;
  std::size_t connections = 1;
  std::size_t outstanding = 1;
  double seconds = 1;
  int server = 0;          // its pid, for the CPU time
  bool reconnect = false;  // a connection for each request
};

/// Nanoseconds that the process `pid` has run (proc(5), schedstat of each of its threads).
std::uint64_t cpu_of(int pid) {
  std::uint64_t total = 0;
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  file >> total;
  return total;
}

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) die("path");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  while (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    if (errno != EAGAIN && errno != EINTR) die("connect");
  return socket;
}

/// When each answered request was sent and how long it took, in nanoseconds.
class Latencies {
 public:
  void add(Clock::duration took) {
    if (values_.size() < kMost)
      values_.push_back(static_cast<std::uint32_t>(
          std::min<std::int64_t>(std::chrono::nanoseconds(took).count(), UINT32_MAX)));
  }
  double microseconds_at(double share) {
    if (values_.empty()) return 0;
    const auto at = values_.begin() +
                    static_cast<std::ptrdiff_t>(share * static_cast<double>(values_.size() - 1));
    std::ranges::nth_element(values_, at);
    return *at / 1000.0;
  }

 private:
  static constexpr std::size_t kMost = 8'000'000;
  std::vector<std::uint32_t> values_;
};

/// One connection: what is under way on it.
class Connection {
 public:
  Connection(const Load& load, int socket) : load_(load), socket_(socket) {
    sent_at_.resize(load.outstanding);
    for (std::size_t i = 0; i < load.outstanding; ++i) batch_ += load.request;
  }

  [[nodiscard]] int socket() const { return socket_; }
  /// Sends `count` requests at once.
  void send(std::size_t count) {
    const auto now = Clock::now();
    for (std::size_t i = 0; i < count; ++i) sent_at_[next_++ % sent_at_.size()] = now;
    unsent_ += count * load_.request.size();
    flush();
  }
  /// Sends what the socket takes. Of many connections none has more under way than a socket takes.
  void flush() {
    while (unsent_ > 0) {
      const std::string_view rest = std::string_view(batch_).substr(batch_.size() - unsent_);
      const ssize_t count = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) return;
      if (count < 0) die("send");
      unsent_ -= static_cast<std::size_t>(count);
    }
  }
  /// Takes what is there and says how many answers it completes.
  std::size_t receive(std::vector<char>& room, Latencies& latencies) {
    const ssize_t size = ::recv(socket_, room.data(), room.size(), 0);
    if (size < 0 && errno == EAGAIN) return 0;
    if (size <= 0) die("recv");
    bytes_ += static_cast<std::uint64_t>(size);
    lines_ += static_cast<std::size_t>(std::count(room.begin(), room.begin() + size, '\n'));
    const std::size_t answered = lines_ / load_.lines_per_reply;
    lines_ %= load_.lines_per_reply;
    const auto now = Clock::now();
    for (std::size_t i = 0; i < answered; ++i)
      latencies.add(now - sent_at_[done_++ % sent_at_.size()]);
    return answered;
  }
  [[nodiscard]] std::uint64_t done() const { return done_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  const Load& load_;
  int socket_;
  std::string batch_;
  std::size_t unsent_ = 0;  // of the end of batch_
  std::vector<Clock::time_point> sent_at_;
  std::uint64_t next_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t lines_ = 0;
};

struct Result {
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
  Latencies latencies;
};

/// One connection and a blocking socket: what a simple client does.
void run_one(const Load& load, Clock::time_point end, Result& result) {
  std::vector<char> room(std::size_t{1} << 18);
  Connection connection(load, connect_to(load.path));
  std::size_t free = load.outstanding;
  while (Clock::now() < end || free < load.outstanding) {
    if (Clock::now() < end && free > 0) connection.send(std::exchange(free, 0));
    free += connection.receive(room, result.latencies);
  }
  result.requests = connection.done();
  result.bytes = connection.bytes();
  ::close(connection.socket());
}

void run_reconnecting(const Load& load, Clock::time_point end, Result& result) {
  std::vector<char> room(std::size_t{1} << 16);
  while (Clock::now() < end) {
    const auto begin = Clock::now();
    Connection connection(load, connect_to(load.path));
    Latencies ignored;
    connection.send(1);
    while (connection.receive(room, ignored) == 0) {
    }
    ::close(connection.socket());
    result.latencies.add(Clock::now() - begin);
    ++result.requests;
  }
}

void run_many(const Load& load, Clock::time_point end, Result& result) {
  std::vector<char> room(std::size_t{1} << 16);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections;
  connections.reserve(load.connections);
  for (std::size_t i = 0; i < load.connections; ++i) {
    connections.emplace_back(load, connect_to(load.path));
    const int socket = connections.back().socket();
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u64 = i;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) die("epoll_ctl");
  }
  for (Connection& connection : connections) connection.send(load.outstanding);
  std::size_t waiting = load.connections * load.outstanding;
  std::array<epoll_event, 256> events{};
  while (waiting > 0) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    const bool over = Clock::now() >= end;
    for (int i = 0; i < count; ++i) {
      Connection& connection = connections[events.at(static_cast<std::size_t>(i)).data.u64];
      connection.flush();
      const std::size_t answered = connection.receive(room, result.latencies);
      if (over)
        waiting -= answered;
      else if (answered > 0)
        connection.send(answered);
    }
  }
  for (const Connection& connection : connections) {
    result.requests += connection.done();
    result.bytes += connection.bytes();
    ::close(connection.socket());
  }
  ::close(epoll);
}

[[noreturn]] void usage() {
  std::fputs(
      "usage: uds-bench SOCKET SERVER_PID SECONDS CONNECTIONS OUTSTANDING LINES_PER_REPLY "
      "[reconnect]\n"
      "The request comes on standard input, its terminator included. CONNECTIONS above 1 need\n"
      "requests and answers that fit a socket buffer.\n",
      stderr);
  std::exit(64);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 && argc != 8) usage();
  Load load;
  load.path = argv[1];
  load.server = static_cast<int>(std::strtol(argv[2], nullptr, 10));
  load.seconds = std::strtod(argv[3], nullptr);
  load.connections = std::strtoul(argv[4], nullptr, 10);
  load.outstanding = std::strtoul(argv[5], nullptr, 10);
  load.lines_per_reply = std::strtoul(argv[6], nullptr, 10);
  load.reconnect = argc == 8;
  if (load.connections == 0 || load.outstanding == 0 || load.lines_per_reply == 0) usage();
  std::array<char, 65'536> piece{};
  for (ssize_t size = 0; (size = ::read(STDIN_FILENO, piece.data(), piece.size())) > 0;)
    load.request.append(piece.data(), static_cast<std::size_t>(size));

  Result result;
  const std::uint64_t cpu_before = cpu_of(load.server);
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration_cast<Clock::duration>(
                               std::chrono::duration<double>(load.seconds));
  if (load.reconnect)
    run_reconnecting(load, end, result);
  else if (load.connections == 1)
    run_one(load, end, result);
  else
    run_many(load, end, result);
  const std::chrono::duration<double> took = Clock::now() - begin;
  const auto cpu = static_cast<double>(cpu_of(load.server) - cpu_before) / 1000.0;
  const auto requests = static_cast<double>(result.requests);
  std::printf(
      "{\"requests\":%llu,\"seconds\":%.4f,\"rate\":%.1f,\"bytes\":%llu,\"p50_us\":%.2f,"
      "\"p99_us\":%.2f,\"p999_us\":%.2f,\"server_cpu_us\":%.3f}\n",
      static_cast<unsigned long long>(result.requests), took.count(), requests / took.count(),
      static_cast<unsigned long long>(result.bytes), result.latencies.microseconds_at(0.50),
      result.latencies.microseconds_at(0.99), result.latencies.microseconds_at(0.999),
      requests > 0 ? cpu / requests : 0.0);
}
