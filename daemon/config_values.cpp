// Strict on purpose: a number where a text with a unit belongs, or a user who does not exist, is a
// finding.
#include "config_values.hpp"

#include "file_mode.hpp"
#include "log.hpp"
#include "paths.hpp"
#include "uds/accounts.hpp"
#include "uds/units.hpp"

namespace udsd {
namespace {

// What a kernel without a better answer says of a foreign uid or gid; rules never match it.
constexpr std::uint32_t kOverflowId = 65534;

std::optional<std::string> read_text(const toml::node& node, const std::string& right,
                                     Findings& findings) {
  auto text = node.value_exact<std::string>();
  if (!text) findings.add(node.source(), "must be " + right);
  return text;
}

// A text that `parse` understands.
template <class Parse>
auto read_parsed(const toml::node& node, const std::string& right, Parse parse, Findings& findings)
    -> decltype(parse(std::string())) {
  const auto text = read_text(node, right, findings);
  if (!text) return std::nullopt;
  auto value = parse(*text);
  if (!value) findings.add(node.source(), uds::log_quote(*text) + " must be " + right);
  return value;
}

template <class Find>
auto read_account(const toml::node& node, const char* kind, Find find, Findings& findings) {
  using Number = std::remove_cvref_t<decltype(*find(std::string()))>;
  const auto name = read_text(node, std::string("the name of a ") + kind + " in quotes", findings);
  if (!name) return std::optional<Number>();
  auto number = find(*name);
  if (number) return std::optional<Number>(*number);
  findings.add(node.source(), number.error().message());
  return std::optional<Number>();
}

template <class Read, class Add>
void read_list(const toml::node& node, const char* kind, Read read, Add add, Findings& findings) {
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    findings.add(node.source(), std::string("must be a list of ") + kind + "s such as [\"root\"]");
    return;
  }
  for (const toml::node& item : *list) {
    const auto number = read(item, findings);
    if (number && *number == kOverflowId)
      findings.add(
          item.source(),
          std::string(kind) + " 65534 stands for nobody in particular, so a rule cannot name it");
    else if (number)
      add(*number);
  }
}

std::optional<bool> read_flag(const toml::node& node, Findings& findings) {
  if (const auto value = node.value_exact<bool>()) return value;
  findings.add(node.source(), "must be true or false");
  return std::nullopt;
}

}  // namespace

void Findings::add(const toml::source_region& where, const std::string& what) {
  errors_.push_back(path_ + ":" + std::to_string(where.begin.line) + ":" +
                    std::to_string(where.begin.column) + ": " +
                    (subject_.empty() ? "" : subject_ + ": ") + what);
}

std::optional<std::string> read_path(const toml::node& node, Findings& findings) {
  return read_parsed(node, "an absolute path of at most 107 bytes", parse_socket_path, findings);
}

std::optional<mode_t> read_mode(const toml::node& node, Findings& findings) {
  return read_parsed(node, "permission bits in octal and in quotes, such as \"0660\"", parse_mode,
                     findings);
}

std::optional<uid_t> read_user(const toml::node& node, Findings& findings) {
  return read_account(node, "user", uds::find_user, findings);
}

std::optional<gid_t> read_group(const toml::node& node, Findings& findings) {
  return read_account(node, "group", uds::find_group, findings);
}

std::optional<uds::LogLevel> read_log_level(const toml::node& node, Findings& findings) {
  return read_parsed(node, kLogLevelNames, parse_log_level, findings);
}

std::optional<LogFormat> read_log_format(const toml::node& node, Findings& findings) {
  return read_parsed(node, kLogFormatNames, parse_log_format, findings);
}

std::optional<std::uint64_t> read_count(const toml::node& node, std::uint64_t least,
                                        std::uint64_t most, Findings& findings) {
  const auto number = node.value_exact<std::int64_t>();
  if (number && *number >= 0) {
    const auto count = static_cast<std::uint64_t>(*number);
    if (count >= least && count <= most) return count;
  }
  findings.add(node.source(), "must be a whole number from " + std::to_string(least) + " to " +
                                  std::to_string(most));
  return std::nullopt;
}

std::optional<std::uint64_t> read_size(const toml::node& node, std::uint64_t least,
                                       std::uint64_t most, Findings& findings) {
  const auto parse = [least, most](const std::string& text) {
    const auto size = uds::parse_size(text);
    return size && *size >= least && *size <= most ? size : std::nullopt;
  };
  const std::string right = "a size from \"" + uds::format_size(least) + "\" to \"" +
                            uds::format_size(most) + "\" in B, KiB, MiB or GiB, in quotes";
  return read_parsed(node, right, parse, findings);
}

std::optional<std::chrono::milliseconds> read_duration(const toml::node& node,
                                                       std::chrono::milliseconds least,
                                                       std::chrono::milliseconds most,
                                                       Findings& findings) {
  const auto parse = [least, most](const std::string& text) {
    const auto time = uds::parse_duration(text);
    return time && *time >= least && *time <= most ? time : std::nullopt;
  };
  const std::string right = "a duration from \"" + uds::format_duration(least) + "\" to \"" +
                            uds::format_duration(most) + "\" in ms, s, m, h or d, in quotes";
  return read_parsed(node, right, parse, findings);
}

void read_users(const toml::node& node, uds::Principals& who, Findings& findings) {
  read_list(node, "user", read_user, [&who](uid_t uid) { who.user(uid); }, findings);
}

void read_groups(const toml::node& node, uds::Principals& who, Findings& findings) {
  read_list(node, "group", read_group, [&who](gid_t gid) { who.group(gid); }, findings);
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
