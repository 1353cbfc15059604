// Body of channel.hpp.
#include "exec/channel.hpp"

#include <sys/socket.h>

#include "exec/socket_option.hpp"
#include "peer_credentials.hpp"

namespace udsd {

uds::Result<uid_t, std::string> channel_peer(int socket) {
  if (socket_option(socket, SO_DOMAIN) != AF_UNIX ||
      socket_option(socket, SO_TYPE) != SOCK_SEQPACKET || socket_option(socket, SO_ACCEPTCONN) != 0)
    return std::string("it is no connected SOCK_SEQPACKET Unix socket");
  auto uid = uds::detail::peer_uid(socket);
  if (!uid) return uid.error().message();
  return *uid;
}

}  // namespace udsd
