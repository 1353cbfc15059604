// Bodies of instance.hpp.
#include "exec/instance.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "config.hpp"
#include "declared/load_declarations.hpp"
#include "paths.hpp"
#include "read_file.hpp"
#include "shared/account.hpp"
#include "trust.hpp"
#include "uds/fd.hpp"

namespace udsd {
namespace {

std::string joined(const ConfigErrors& errors) {
  std::string all;
  for (const std::string& each : errors) all.append(all.empty() ? "" : "; ").append(each);
  return all;
}

/// The text of the configuration file, if only root (or in a private instance its user) can have
/// written it. `must_exist`: else nothing, where there is none.
uds::Result<std::optional<std::string>, std::string> trusted_text(const std::string& path,
                                                                  bool is_private,
                                                                  bool must_exist) {
  const uds::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) {
    if (errno == ENOENT && !must_exist) return std::optional<std::string>();
    return path + ": " + uds::Error::from_errno("cannot open it", errno).message();
  }
  if (const auto why = is_private ? std::nullopt : distrust(file.get(), 0))
    return path + ": " + *why;
  auto text = read_all(file.get());
  if (!text) return path + ": " + text.error().message();
  return std::optional<std::string>(*std::move(text));
}

}  // namespace

bool Instance::may_order(uid_t uid) const noexcept {
  return uid == 0 || (daemon && uid == daemon->uid) || (is_private && uid == own);
}

bool Instance::is_admin(const uds::Peer& peer) const noexcept {
  return peer.uid == 0 || admins.contains(peer) || (is_private && peer.uid == own);
}

uds::Result<Instance, std::string> load_instance(const ExecOptions& options) {
  Instance instance;
  instance.is_private = options.private_instance;
  instance.own = ::geteuid();
  if (options.daemon) {
    auto account = find_account(*options.daemon);
    if (!account) return "--daemon: " + account.error();
    instance.daemon = {account->uid, account->gid};
  }
  Settings settings;
  const auto path = options.config ? options.config : default_config_path(false);
  // A private instance is told everything by udsd; the file of the host is not its own.
  if (path && (options.config || !options.private_instance)) {
    auto text = trusted_text(*path, options.private_instance, options.config.has_value());
    if (!text) return text.error();
    if (*text) {
      auto read = parse_config(**text, *path, std::move(settings));
      if (!read) return joined(read.error());
      settings = *std::move(read);
    }
  }
  instance.admins = settings.admins;
  instance.commands_dirs =
      options.commands_dirs.empty() ? settings.commands_dirs : options.commands_dirs;
  instance.state_dir = options.state_dir.value_or(settings.state_dir);
  return instance;
}

DeclarationRules rules_of(const Instance& instance) {
  DeclarationRules rules;
  rules.system = !instance.is_private;
  rules.daemon = instance.daemon && !instance.is_private ? instance.daemon->uid : 0;
  rules.owner = instance.own;
  return rules;
}

uds::Result<std::vector<Declaration>, std::string> load_commands(const Instance& instance) {
  auto declared = load_declarations(instance.commands_dirs, rules_of(instance));
  if (!declared) return joined(declared.error());
  return *std::move(declared);
}

}  // namespace udsd
