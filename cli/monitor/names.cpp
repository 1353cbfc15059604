// Body of names.hpp.
#include "monitor/names.hpp"

#include "uds/fd.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <limits>

namespace udsctl {

const std::string& HostNames::user(std::uint64_t uid) {
  const auto [entry, added] = users_.try_emplace(uid, std::to_string(uid));
  if (added && uid < std::numeric_limits<uid_t>::max())
    if (const passwd* const found = ::getpwuid(static_cast<uid_t>(uid)))
      entry->second = found->pw_name;
  return entry->second;
}

std::string HostNames::process(std::uint64_t pid) {
  const uds::Fd file(
      ::open(("/proc/" + std::to_string(pid) + "/comm").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> room{};
  const ssize_t size = file ? ::read(file.get(), room.data(), room.size()) : 0;
  std::string name(room.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return name.empty() ? "-" : name;
}

}  // namespace udsctl
