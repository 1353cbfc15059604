// Strict on purpose: a number where a text with a unit belongs, or a user who does not exist, is a
// finding.
#include "toml_values.hpp"

#include <algorithm>

#include "config_text.hpp"
#include "uds/accounts.hpp"
#include "uds/units.hpp"

namespace udsd {
namespace {

// What a kernel without a better answer says of a foreign uid or gid; rules never match it.
constexpr std::uint32_t kOverflowId = 65534;

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

toml::source_region region(std::size_t line, std::size_t column) {
  const toml::source_position at{static_cast<toml::source_index>(line),
                                 static_cast<toml::source_index>(column)};
  return {at, at, nullptr};
}

}  // namespace

void Findings::add(const toml::source_region& where, const std::string& what) {
  errors_.push_back(path_ + ":" + std::to_string(where.begin.line) + ":" +
                    std::to_string(where.begin.column) + ": " +
                    (subject_.empty() ? "" : subject_ + ": ") + what);
}

std::optional<std::string> read_text(const toml::node& node, const std::string& right,
                                     Findings& findings) {
  auto text = node.value_exact<std::string>();
  if (!text) findings.add(node.source(), "must be " + right);
  return text;
}

std::optional<bool> read_flag(const toml::node& node, Findings& findings) {
  if (const auto value = node.value_exact<bool>()) return value;
  findings.add(node.source(), "must be true or false");
  return std::nullopt;
}

std::optional<uid_t> read_user(const toml::node& node, Findings& findings) {
  return read_account(node, "user", uds::find_user, findings);
}

std::optional<gid_t> read_group(const toml::node& node, Findings& findings) {
  return read_account(node, "group", uds::find_group, findings);
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

std::optional<toml::table> parse_toml(std::string_view text, Findings& findings) {
  if (const auto fault = find_text_fault(text)) {
    findings.add(region(fault->line, fault->column), fault->reason);
    return std::nullopt;
  }
  try {
    toml::parse_result parsed = toml::parse(text);
    if (parsed) return std::move(parsed).table();
    std::string reason(parsed.error().description());
    // It may quote what it saw, a line end too; an error stays one line.
    std::ranges::replace_if(reason, [](char c) { return c >= 0 && c < ' '; }, ' ');
    findings.add(parsed.error().source(), reason);
  } catch (const std::logic_error&) {
    findings.add(region(1, 1),
                 "the file is no TOML, and the parser cannot say where; check the last change");
  }
  return std::nullopt;
}

}  // namespace udsd
