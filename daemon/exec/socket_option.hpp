// Asks a socket for what it is.
#pragma once

#include <sys/socket.h>

namespace udsd {

/// An option of level SOL_SOCKET that is a number, such as SO_TYPE; -1 where `socket` has none.
inline int socket_option(int socket, int name) noexcept {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

}  // namespace udsd
