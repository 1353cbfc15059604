// Body of bench_connection.hpp.
#include "bench_connection.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace uds_bench {
namespace {

/// Where all connections receive: one at a time does.
std::vector<char>& room() {
  static std::vector<char> room(std::size_t{1} << 18);
  return room;
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

/// By memchr, which takes many bytes at a time.
std::uint64_t line_ends(std::string_view piece) {
  std::uint64_t count = 0;
  for (std::size_t at = 0; (at = piece.find('\n', at)) != std::string_view::npos; ++at) ++count;
  return count;
}

}  // namespace

void die(const char* what) {
  std::perror(what);
  std::exit(71);
}

Connection::Connection(const Options& options, std::string_view request)
    : socket_(connect_to(options.socket)),
      lines_per_answer_(options.lines),
      request_size_(request.size()),
      sent_at_(options.outstanding) {
  for (std::size_t i = 0; i < options.outstanding; ++i) batch_ += request;
}

Connection::~Connection() {
  ::close(socket_);
}

void Connection::warm_up() {
  Latencies ignored;
  send(1);
  while (receive(ignored) == 0) {
  }
  next_ = done_ = bytes_ = 0;
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
}

void Connection::send(std::size_t count) {
  const auto now = Clock::now();
  for (std::size_t i = 0; i < count; ++i) sent_at_[next_++ % sent_at_.size()] = now;
  unsent_ += count * request_size_;
  flush();
}

void Connection::flush() {
  while (unsent_ > 0) {
    const std::string_view rest = std::string_view(batch_).substr(batch_.size() - unsent_);
    const ssize_t count = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) die("send");
    unsent_ -= static_cast<std::size_t>(count);
  }
}

std::size_t Connection::receive(Latencies& latencies) {
  const ssize_t size = ::recv(socket_, room().data(), room().size(), 0);
  if (size < 0 && errno == EAGAIN) return 0;
  if (size <= 0) die("recv");
  return take({room().data(), static_cast<std::size_t>(size)}, latencies);
}

std::size_t Connection::receive_spinning(std::chrono::microseconds spin, Latencies& latencies) {
  const auto end = Clock::now() + spin;
  do {
    const ssize_t size = ::recv(socket_, room().data(), room().size(), MSG_DONTWAIT);
    if (size > 0) return take({room().data(), static_cast<std::size_t>(size)}, latencies);
    if (size == 0 || errno != EAGAIN) die("recv");
  } while (Clock::now() < end);
  return receive(latencies);
}

std::size_t Connection::take(std::string_view piece, Latencies& latencies) {
  bytes_ += piece.size();
  lines_ += line_ends(piece);
  const std::uint64_t answered = lines_ / lines_per_answer_;
  lines_ %= lines_per_answer_;
  if (answered == 0) return 0;
  if (answered > next_ - done_) {
    std::fputs("uds-bench: answers have more lines than --lines says\n", stderr);
    std::exit(65);
  }
  const auto now = Clock::now();
  for (std::uint64_t i = 0; i < answered; ++i)
    latencies.add(now - sent_at_[done_++ % sent_at_.size()]);
  return answered;
}

}  // namespace uds_bench
