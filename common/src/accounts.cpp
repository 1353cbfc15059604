// Looks up users and groups; see accounts.hpp. Keeps nothing between two calls.
#include "uds/accounts.hpp"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "uds/log.hpp"

namespace uds {
namespace {

constexpr std::size_t kLargestEntry = std::size_t{1} << 20;

std::optional<std::uint32_t> as_number(const std::string& text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end || text.empty()) return std::nullopt;
  return number;
}

// getpwnam_r(3): several systems report "not found" with one of these numbers instead of 0.
bool means_not_found(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

template <class Entry, class Lookup, class Number>
Result<Number> find(const std::string& name, Lookup lookup, Number Entry::* number, Errc unknown,
                    std::string_view kind) {
  const Error not_found(unknown, "there is no " + std::string(kind) + " " + log_quote(name) +
                                     " on this host; correct the name or create it");
  if (const auto given = as_number(name)) {
    if (*given == std::numeric_limits<Number>::max()) return not_found;
    return *given;
  }
  // A C string would end at the NUL, and "root\0x" would be root.
  if (name.empty() || name.find('\0') != std::string::npos) return not_found;

  std::vector<char> buffer(1024);
  Entry entry{};
  Entry* found = nullptr;
  int error = ERANGE;
  while (error == ERANGE && buffer.size() <= kLargestEntry) {
    error = lookup(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (error == ERANGE) buffer.resize(buffer.size() * 2);
  }
  if (found != nullptr) return entry.*number;
  if (means_not_found(error)) return not_found;
  return Error::from_errno("cannot look up the " + std::string(kind) + " " + log_quote(name),
                           error);
}

}  // namespace

Result<uid_t> find_user(const std::string& name) {
  return find(name, ::getpwnam_r, &passwd::pw_uid, Errc::UnknownUser, "user");
}

Result<gid_t> find_group(const std::string& name) {
  return find(name, ::getgrnam_r, &group::gr_gid, Errc::UnknownGroup, "group");
}

}  // namespace uds
