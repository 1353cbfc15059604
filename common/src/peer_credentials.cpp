// Body of peer_credentials.hpp.
#include "peer_credentials.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace uds::detail {
namespace {

Result<ucred> credentials_of(int descriptor) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return Error::from_errno("cannot ask who the peer is (SO_PEERCRED)", errno);
  return credentials;
}

}  // namespace

Result<uid_t> peer_uid(int descriptor) {
  auto credentials = credentials_of(descriptor);
  if (!credentials) return std::move(credentials).error();
  return credentials->uid;
}

Result<Peer> peer_credentials(int descriptor) {
  auto credentials = credentials_of(descriptor);
  if (!credentials) return std::move(credentials).error();

  // The kernel says how much room it wants by ERANGE; the first guess serves nearly everybody.
  std::vector<gid_t> groups(32);
  for (;;) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
      groups.resize(size / sizeof(gid_t));
      groups.shrink_to_fit();  // kept for as long as the connection is
      return Peer(credentials->uid, credentials->gid, credentials->pid, std::move(groups));
    }
    if (errno != ERANGE)
      return Error::from_errno("cannot ask for the peer's groups (SO_PEERGROUPS)", errno);
    groups.resize(size / sizeof(gid_t));
  }
}

}  // namespace uds::detail
