// A listening socket made safely, and nothing else of the library: accept(2) blocks, and one client
// is served at a time.
//
//   listen_blocking SOCKET
//
// It says to each client what it read from it, up to 4 KiB. A client that says "stop" ends it.
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string_view>

#include "uds/fd.hpp"
#include "uds/socket_builder.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: listen_blocking SOCKET\n";
    return 64;
  }
  // [listen]
  const auto socket = uds::SocketBuilder(argv[1]).permissions(0660).blocking(true).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }
  for (;;) {
    const uds::Fd client(::accept4(socket->native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) {
      std::cerr << "accept: " << std::strerror(errno) << '\n';
      return 1;
    }
    const timeval patience{5, 0};  // a client that says nothing must not keep the others waiting
    ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::array<char, 4096> room{};
    const ssize_t size = ::recv(client.get(), room.data(), room.size(), 0);
    if (size <= 0) continue;
    const std::string_view text(room.data(), static_cast<std::size_t>(size));
    ::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (text.starts_with("stop")) return 0;
  }
  // [listen]
}
