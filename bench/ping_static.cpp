// uds-ping-static: the least that a client for one ping can be, beside which scripts/bench.sh puts
// `udsctl ping`. Linked statically, it uses nothing of the C++ library: the start of the process is
// nearly all there is.
//
// Not a client to use: it checks nothing, and takes what the first read brings for the answer.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (argc != 2 || std::strlen(argv[1]) >= sizeof address.sun_path) {
    std::fputs("usage: uds-ping-static SOCKET\n", stderr);
    return 64;
  }
  std::memcpy(address.sun_path, argv[1], std::strlen(argv[1]) + 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 1;
  static const char kRequest[] = "{\"id\":1,\"cmd\":\"ping\"}\n";
  if (::write(socket, kRequest, sizeof kRequest - 1) < 0) return 1;
  char answer[4096];
  const ssize_t size = ::read(socket, answer, sizeof answer);
  return size > 0 && ::write(STDOUT_FILENO, answer, static_cast<std::size_t>(size)) == size ? 0 : 1;
}
