// A listening socket made safely, for a loop around poll(2): accept(2) never blocks.
//
//   listen_poll SOCKET
//
// It tells each client how many came before it, and closes. SIGTERM ends it.
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <string>

#include "uds/fd.hpp"
#include "uds/socket_builder.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: listen_poll SOCKET\n";
    return 64;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const uds::Fd stop(::signalfd(-1, &signals, SFD_CLOEXEC));

  // [poll]
  const auto socket = uds::SocketBuilder(argv[1]).permissions(0660).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }
  std::array<pollfd, 2> waited{pollfd{socket->native_handle(), POLLIN, 0},
                               pollfd{stop.get(), POLLIN, 0}};
  int served = 0;
  while (::poll(waited.data(), waited.size(), -1) >= 0 && waited[1].revents == 0) {
    for (;;) {
      const uds::Fd client(
          ::accept4(socket->native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!client && errno == EAGAIN) break;  // nobody else waits
      if (!client) {
        std::cerr << "accept: " << std::strerror(errno) << '\n';
        return 1;
      }
      const std::string line = std::to_string(served++) + "\n";
      ::send(client.get(), line.data(), line.size(), MSG_NOSIGNAL);
    }
  }
  // [poll]
}
