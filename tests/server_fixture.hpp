// A real server on a real socket in a temporary directory, and a raw client to talk to it byte by
// byte.
//
// The server runs on a thread of its own; what touches it is posted there. The client blocks, with
// a deadline generous enough that reaching it means a hang.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support.hpp"
#include "uds/asio.hpp"
#include "uds/fd.hpp"
#include "uds/server.hpp"

namespace uds_test {

/// A connected stream socket that sends and receives whole frames.
class RawClient {
 public:
  explicit RawClient(const std::string& path, int receive_buffer = 0)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0)
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      ADD_FAILURE() << "connect: " << std::strerror(errno);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void line(const std::string& text) { send(text + "\n"); }
  void half_close() { ::shutdown(socket_.get(), SHUT_WR); }
  [[nodiscard]] int descriptor() const { return socket_.get(); }
  void close() { socket_.reset(); }

  /// The next frame without its terminator, or nothing at end of file (or when 20 s have gone by,
  /// which is a failure).
  std::optional<std::string> frame(char terminator = '\n') {
    for (;;) {
      if (const auto end = buffer_.find(terminator); end != std::string::npos) {
        std::string out = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return out;
      }
      if (!fill()) return std::nullopt;
    }
  }
  /// The next frame as JSON; null at end of file.
  uds::Json reply(char terminator = '\n') {
    const auto text = frame(terminator);
    return text ? uds::Json::parse(*text) : uds::Json();
  }
  /// Whether the server has closed and everything was read.
  bool at_end() { return buffer_.empty() && !fill(); }
  /// Whether nothing arrives for `span`; only to show that something does not come.
  bool silent(std::chrono::milliseconds span) {
    pollfd item{socket_.get(), POLLIN, 0};
    return buffer_.empty() && ::poll(&item, 1, static_cast<int>(span.count())) == 0;
  }

 private:
  bool fill() {
    pollfd item{socket_.get(), POLLIN, 0};
    if (::poll(&item, 1, 20'000) != 1) {
      ADD_FAILURE() << "nothing from the server for 20 s";
      return false;
    }
    char room[65'536];
    const ssize_t count = ::recv(socket_.get(), room, sizeof room, 0);
    if (count <= 0) return false;
    buffer_.append(room, static_cast<std::size_t>(count));
    return true;
  }

  uds::Fd socket_;
  std::string buffer_;
};

/// Owns the loop, its thread and the server.
class TestServer {
 public:
  using Setup = std::function<void(uds::Server&)>;

  explicit TestServer(const uds::Limits& limits = {}, const Setup& setup = {}) {
    uds::Log log(uds::LogLevel::Debug, [this](const uds::LogRecord& record) {
      const std::lock_guard lock(mutex_);
      log_.push_back(record);
    });
    server_.emplace(io_.get_executor(), limits, std::move(log));
    if (setup) setup(*server_);
    auto socket = uds::SocketBuilder(path()).listen();
    if (!socket) throw std::runtime_error(socket.error().message());
    server_->serve(*std::move(socket));
    thread_ = std::thread([this] { io_.run(); });
  }
  ~TestServer() {
    if (thread_.joinable()) {
      boost::asio::post(io_, [this] { io_.stop(); });
      thread_.join();
    }
    server_.reset();
  }

  [[nodiscard]] std::string path() const { return directory_.path() + "/s.sock"; }
  [[nodiscard]] RawClient connect() const { return RawClient(path()); }

  /// Runs `function` on the server's thread and waits for its result.
  template <class F>
  auto on_loop(F function) {
    std::promise<decltype(function(*server_))> promise;
    auto future = promise.get_future();
    boost::asio::post(io_, [&] {
      if constexpr (std::is_void_v<decltype(function(*server_))>) {
        function(*server_);
        promise.set_value();
      } else {
        promise.set_value(function(*server_));
      }
    });
    return future.get();
  }
  /// Waits until `condition`, asked on the server's thread, holds; false after 20 s.
  bool eventually(const std::function<bool(uds::Server&)>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!on_loop(condition))
      if (std::chrono::steady_clock::now() > limit) return false;
    return true;
  }
  [[nodiscard]] std::size_t logged(std::string_view message) {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& record : log_)
      if (record.message.find(message) != std::string::npos) ++count;
    return count;
  }

 private:
  TempDir directory_;
  std::mutex mutex_;
  std::vector<uds::LogRecord> log_;
  boost::asio::io_context io_{1};
  std::optional<uds::Server> server_;
  std::thread thread_;
};

}  // namespace uds_test
