// getpwuid(3) and relatives, which are not reentrant: udsd has one thread when it asks.
#include "host_accounts.hpp"

#include <grp.h>
#include <pwd.h>

#include <cstddef>
#include <vector>

namespace udsd {

std::optional<uds::Peer> peer_of_user(uid_t uid) {
  const passwd* user = ::getpwuid(uid);
  if (user == nullptr) return std::nullopt;
  const gid_t primary = user->pw_gid;
  int count = 64;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  // Where there are more, it says how many.
  while (::getgrouplist(user->pw_name, primary, groups.data(), &count) < 0)
    groups.resize(static_cast<std::size_t>(count));
  groups.resize(static_cast<std::size_t>(count));
  return uds::Peer(uid, primary, 0, std::move(groups));
}

bool is_empty_group(gid_t gid) {
  const group* found = ::getgrgid(gid);
  if (found == nullptr) return true;
  if (*found->gr_mem != nullptr) return false;
  bool used = false;
  ::setpwent();
  while (const passwd* user = ::getpwent()) used = used || user->pw_gid == gid;
  ::endpwent();
  return !used;
}

}  // namespace udsd
