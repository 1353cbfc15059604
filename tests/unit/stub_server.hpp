// A server that does what a test tells it, byte by byte, on a real socket in a temporary directory.
//
// It runs on a thread of its own and serves one connection after the other. Every wait ends at a
// generous deadline, so that a bug shows as a failure and never as a hang.
#pragma once

#include "support.hpp"

#include "uds/fd.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace uds_test {

inline constexpr int kStubDeadlineMs = 20'000;

inline uds::Fd listen_at(const std::string& path, int backlog = 16) {
  uds::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(socket.get(), backlog), 0);
  return socket;
}

/// The server's side of one connection.
class StubConnection {
 public:
  explicit StubConnection(uds::Fd socket) : socket_(std::move(socket)) {}

  /// Bytes up to and without `terminator`; what there is at end of file.
  std::string read_until(char terminator) {
    for (;;) {
      if (const auto end = received_.find(terminator); end != std::string::npos) {
        std::string text = received_.substr(0, end);
        received_.erase(0, end + 1);
        return text;
      }
      if (!receive()) return std::exchange(received_, {});
    }
  }
  std::string line() { return read_until('\n'); }
  /// Everything up to end of file.
  std::string read_to_end() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }
  /// False when the client is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void close() { socket_.reset(); }

 private:
  bool receive() {
    pollfd entry{socket_.get(), POLLIN, 0};
    if (::poll(&entry, 1, kStubDeadlineMs) != 1) {
      ADD_FAILURE() << "the stub server waited in vain for its client";
      return false;
    }
    char room[65536];
    const ssize_t received = ::recv(socket_.get(), room, sizeof room, 0);
    if (received <= 0) return false;
    received_.append(room, static_cast<std::size_t>(received));
    return true;
  }

  uds::Fd socket_;
  std::string received_;
};

class StubServer {
 public:
  using Script = std::function<void(StubConnection&)>;

  explicit StubServer(Script script)
      : path_(directory_.path() + "/stub.sock"),
        listener_(listen_at(path_)),
        script_(std::move(script)) {
    thread_ = std::thread([this] {
      for (;;) {
        uds::Fd accepted(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!accepted) return;
        StubConnection connection(std::move(accepted));
        script_(connection);
      }
    });
  }
  ~StubServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);  // ends accept()
    thread_.join();
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  TempDir directory_;
  std::string path_;
  uds::Fd listener_;
  Script script_;
  std::thread thread_;
};

inline std::string ok(const std::string& id, const std::string& message = "done") {
  return R"({"id":)" + id + R"(,"status":"OK","message":")" + message + "\"}\n";
}
inline std::string processing(const std::string& id, const std::string& message = "working") {
  return R"({"id":)" + id + R"(,"status":"PROCESSING","message":")" + message + "\"}\n";
}

}  // namespace uds_test
