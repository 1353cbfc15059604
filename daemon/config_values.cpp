// Bodies of config_values.hpp.
#include "config_values.hpp"

#include <utility>

#include "file_mode.hpp"
#include "log_names.hpp"
#include "paths.hpp"

namespace udsd {

std::optional<std::string> read_path(const toml::node& node, Findings& findings) {
  return read_parsed(node, "an absolute path of at most 107 bytes", parse_socket_path, findings);
}

std::optional<std::string> read_directory(const toml::node& node, Findings& findings) {
  return read_parsed(node, kDirectoryRule, parse_directory, findings);
}

std::optional<mode_t> read_mode(const toml::node& node, Findings& findings) {
  return read_parsed(node, "permission bits in octal and in quotes, such as \"0660\"", parse_mode,
                     findings);
}

std::optional<uds::LogLevel> read_log_level(const toml::node& node, Findings& findings) {
  return read_parsed(node, kLogLevelNames, parse_log_level, findings);
}

std::optional<LogFormat> read_log_format(const toml::node& node, Findings& findings) {
  return read_parsed(node, kLogFormatNames, parse_log_format, findings);
}

std::optional<uds::Access> read_access(const toml::node& node, Findings& findings) {
  constexpr const char* kRight =
      "must be \"everyone\", \"admin\", or { users = [...], groups = [...], hidden = true } with "
      "at "
      "least one of the three";
  if (const auto word = node.value_exact<std::string>()) {
    if (*word == "everyone") return uds::Access::everyone();
    if (*word == "admin") return uds::Access::admins();
  }
  const toml::table* table = node.as_table();
  if (table == nullptr || table->empty()) {
    findings.add(node.source(), kRight);
    return std::nullopt;
  }
  uds::Principals who;
  bool hidden = false;
  for (const auto& [name, value] : *table) {
    if (name.str() == "users")
      read_users(value, who, findings);
    else if (name.str() == "groups")
      read_groups(value, who, findings);
    else if (name.str() == "hidden")
      hidden = read_flag(value, findings).value_or(true);
    else
      findings.add(name.source(), "unknown key " + uds::log_quote(name.str()) +
                                      "; a rule has users, groups and hidden");
  }
  uds::Access rule = uds::Access::only(std::move(who));
  if (hidden) rule.hide();
  return rule;
}

}  // namespace udsd
