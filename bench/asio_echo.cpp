// uds-asio-echo: what the event loop costs that udsd runs on, and nothing else. One thread, a
// coroutine for each connection, no parsing, no checks: each line is answered with a fixed line.
//
// Not a server to use: it trusts its peers and has no limits.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using Stream = asio::local::stream_protocol;

constexpr std::size_t kReadBytes = std::size_t{16} << 10;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

/// Sends all of `text`, and waits for room where there is none. False: the client has gone.
asio::awaitable<bool> send_all(Stream::socket& socket, std::string& text) {
  while (!text.empty()) {
    const ssize_t count =
        ::send(socket.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) {
      text.erase(0, static_cast<std::size_t>(count));
    } else {
      if (errno != EAGAIN) co_return false;
      const auto [error] = co_await socket.async_wait(Stream::socket::wait_write, kTuple);
      if (error) co_return false;
    }
  }
  co_return true;
}

asio::awaitable<void> serve(Stream::socket socket, const std::string& line) {
  std::vector<char> room(kReadBytes);
  std::string out;
  for (;;) {
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(room), kTuple);
    if (error) co_return;
    auto owed = std::count(room.data(), room.data() + size, '\n');
    for (; owed > 0; --owed) out += line;
    const bool sent = co_await send_all(socket, out);
    if (!sent) co_return;
  }
}

asio::awaitable<void> accept_all(Stream::acceptor& acceptor, const std::string& line) {
  for (;;) {
    Stream::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), line), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("Usage: uds-asio-echo SOCKET BYTES-OF-AN-ANSWER\n", stderr);
    return 64;
  }
  const std::size_t bytes = std::strtoul(argv[2], nullptr, 10);
  const std::string line = std::string(std::max<std::size_t>(bytes, 1) - 1, 'x') + "\n";
  ::unlink(argv[1]);
  asio::io_context loop(1);
  Stream::acceptor acceptor(loop, Stream::endpoint(argv[1]));
  acceptor.listen(4096);
  asio::co_spawn(loop, accept_all(acceptor, line), asio::detached);
  loop.run();
  return 0;
}
