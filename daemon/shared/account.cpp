// Bodies of account.hpp.
#include "shared/account.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>

#include "uds/accounts.hpp"

namespace udsd {
namespace {

constexpr std::size_t kMostEntryBytes = std::size_t{1} << 20;

/// An entry of the user database, and the memory that its texts are in.
struct Entry {
  passwd fields{};
  std::vector<char> memory = std::vector<char>(4096);
  bool found = false;
};

/// Error: errno.
uds::Result<Entry, int> find_entry(uid_t uid) {
  Entry entry;
  for (;;) {
    passwd* found = nullptr;
    const int failure =
        ::getpwuid_r(uid, &entry.fields, entry.memory.data(), entry.memory.size(), &found);
    if (failure == ERANGE && entry.memory.size() < kMostEntryBytes) {
      entry.memory.resize(entry.memory.size() * 4);
      continue;
    }
    if (failure == EINTR) continue;
    // Some modules of the name service say "not found" by an errno.
    if (failure != 0 && failure != ENOENT && failure != ESRCH) return failure;
    entry.found = found != nullptr;
    return entry;
  }
}

void sort_once(std::vector<gid_t>& groups) {
  std::ranges::sort(groups);
  groups.erase(std::ranges::unique(groups).begin(), groups.end());
}

std::vector<gid_t> groups_of(const passwd& user) {
  int count = 64;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  while (::getgrouplist(user.pw_name, user.pw_gid, groups.data(), &count) < 0)
    groups.resize(static_cast<std::size_t>(count));
  groups.resize(static_cast<std::size_t>(count));
  sort_once(groups);
  return groups;
}

std::vector<gid_t> own_groups() {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  groups.push_back(::getegid());
  sort_once(groups);
  return groups;
}

}  // namespace

uds::Result<Account, std::string> find_account(uid_t uid) {
  const auto entry = find_entry(uid);
  const std::string who = "uid " + std::to_string(uid);
  if (!entry) return uds::Error::from_errno("cannot look up " + who, entry.error()).message();
  if (!entry->found)
    return who + " has no entry in the user database; add the user, then try again";
  Account account;
  account.uid = entry->fields.pw_uid;
  account.gid = entry->fields.pw_gid;
  account.groups = groups_of(entry->fields);
  account.name = entry->fields.pw_name;
  account.home = entry->fields.pw_dir;
  account.shell = entry->fields.pw_shell;
  if (account.home.empty()) account.home = "/";
  if (account.shell.empty()) account.shell = "/bin/sh";
  return account;
}

uds::Result<Account, std::string> find_account(const std::string& name) {
  const auto uid = uds::find_user(name);
  if (!uid) return uid.error().message();
  return find_account(*uid);
}

uds::Result<Account, std::string> target_account(const Declaration& declared, uid_t uid,
                                                 const DeclarationRules& rules) {
  auto account = find_account(uid);
  if (!account) return account;
  if (rules.owner != 0) {
    account->gid = ::getegid();
    account->groups = own_groups();
  } else if (declared.run_as.group) {
    account->gid = *declared.run_as.group;
    account->groups = {*declared.run_as.group};
  }
  return account;
}

std::string user_name(uid_t uid) {
  const auto entry = find_entry(uid);
  return entry && entry->found ? std::string(entry->fields.pw_name) : std::to_string(uid);
}

}  // namespace udsd
