// Names of users and of processes, as this host knows them. Owns what it has looked up.
//
// The name service may ask a network, so each user is looked up once. A process is looked up each
// time: its number may soon be another's.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace udsctl {

class HostNames {
 public:
  /// The name of the user, or the number where there is none.
  const std::string& user(std::uint64_t uid);
  /// What the kernel calls the process, "-" where that may not be read or it has ended.
  static std::string process(std::uint64_t pid);

 private:
  std::map<std::uint64_t, std::string> users_;
};

}  // namespace udsctl
