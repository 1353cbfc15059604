// What is allowed in a declaration and is probably not meant. Pure: what it needs of the host is
// given to it. A warning never keeps a declaration from being loaded.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "declared/declaration.hpp"
#include "declared/rules.hpp"
#include "uds/peer.hpp"

namespace udsd {

/// Who may connect: permissions of the socket.
struct SocketDoor {
  mode_t mode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  std::string group_name;  ///< or its number
};

/// Whether the mode of the socket lets `peer` connect, as path_resolution(7) has it.
bool may_connect(const SocketDoor& door, const uds::Peer& peer) noexcept;

/// What lint() asks of the host.
struct LintHost {
  SocketDoor door;
  /// The user with its groups; nothing if the host does not know it.
  std::function<std::optional<uds::Peer>(uid_t)> user;
  /// Whether a group has no members at all.
  std::function<bool(gid_t)> is_empty_group;
  /// Why the file at a path is no program that could run, such as "does not exist"; nothing if it
  /// is one, or nobody here can tell.
  std::function<std::optional<std::string>(const std::string&)> program_fault;
  /// The same of a directory to work in.
  std::function<std::optional<std::string>(const std::string&)> directory_fault;
};

/// `rules`: those that it was read by. Warnings, each a sentence that begins with "FILE:LINE: ".
std::vector<std::string> lint(const Declaration& declared, const DeclarationRules& rules,
                              const LintHost& host);

}  // namespace udsd
