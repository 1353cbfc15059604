// Body of load_connection.hpp.
#include "load_connection.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace uds_load {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
// Enough for one send(2); composing more would only age in memory.
constexpr std::size_t kComposedBytes = std::size_t{64} << 10;

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::system_error(error, std::generic_category(), what);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail("cannot connect to " + path, ENAMETOOLONG);
  std::ranges::copy(path, std::begin(address.sun_path));
  return address;
}

}  // namespace

Connection::Connection(const Options& options, Tally& tally, std::uint64_t number)
    : options_(options), ledger_(tally, number) {
  const sockaddr_un address = address_of(options.socket);
  descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) fail("cannot make a socket", errno);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(descriptor_, generic, sizeof address) != 0 ||
      ::fcntl(descriptor_, F_SETFL, O_NONBLOCK) != 0) {
    const int error = errno;
    close();
    fail("cannot connect to " + options.socket, error);
  }
}

Connection::~Connection() {
  close();
}

bool Connection::done() const {
  if (descriptor_ < 0) return true;
  const bool all = stopping_ || (options_.requests != 0 && composed_ == options_.requests);
  return all && output_.empty() && ledger_.in_flight() == 0;
}

/// Appends the requests that may be in flight beside those that are.
void Connection::compose() {
  if (stopping_) return;
  while (output_.size() < kComposedBytes &&
         ledger_.in_flight() + starts_.size() < options_.outstanding &&
         (options_.requests == 0 || composed_ < options_.requests)) {
    starts_.push_back(output_.size());
    output_ += "{\"id\":";
    output_ += std::to_string(++composed_);
    output_ += options_.tails[(composed_ - 1) % options_.tails.size()];
  }
}

bool Connection::send() {
  while (descriptor_ >= 0 && !broken_) {
    compose();
    if (output_.empty()) return true;
    const Ledger::Time now = std::chrono::steady_clock::now();
    const ssize_t count =
        ::send(descriptor_, output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0)
      note_sent(static_cast<std::size_t>(count), now);
    else if (errno == EAGAIN)
      return false;
    else if (errno != EINTR)
      broken_ = true;
  }
  return true;
}

/// A request counts as sent with its first byte.
void Connection::note_sent(std::size_t bytes, Ledger::Time when) {
  output_.erase(0, bytes);
  while (!starts_.empty() && starts_.front() < bytes) {
    ledger_.sent(when);
    starts_.pop_front();
  }
  for (std::size_t& start : starts_) start -= bytes;
}

void Connection::receive() {
  std::array<char, kReadBytes> room;
  while (descriptor_ >= 0) {
    const ssize_t count = ::recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
    if (count > 0) {
      input_.append(room.data(), static_cast<std::size_t>(count));
      take_frames(std::chrono::steady_clock::now());
      if (static_cast<std::size_t>(count) < room.size()) return;
    } else if (count == 0) {
      end("eof");
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      end("reset");
    }
  }
}

void Connection::take_frames(Ledger::Time when) {
  std::string_view rest = input_;
  for (;;) {
    const std::size_t size = rest.find(options_.terminator);
    if (size == std::string_view::npos) break;
    ledger_.received(rest.substr(0, size), when);
    rest.remove_prefix(size + 1);
  }
  input_.erase(0, input_.size() - rest.size());
}

void Connection::end(const char* how) {
  // What the server says before it knows the framing ends with NUL, and the connection with it.
  if (input_.ends_with('\0')) {
    ledger_.received(std::string_view(input_).substr(0, input_.size() - 1),
                     std::chrono::steady_clock::now());
    input_.clear();
  }
  ledger_.closed(how, input_.size(), options_.expect_close);
  close();
}

void Connection::abandon() {
  if (descriptor_ < 0) return;
  ledger_.abandoned();
  close();
}

void Connection::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace uds_load
