// Bodies of declaration_keys.hpp: one table per level, and the readers of what is no plain value.
#include "declared/declaration_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "declared/parameter_values.hpp"
#include "file_mode.hpp"
#include "uds/accounts.hpp"

namespace udsd {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Context = DraftContext;
using Key = DeclarationKey;

constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
constexpr milliseconds kLongest = 24h * 366;

/// Reads a table with keys of its own.
void read_members(Context& context, const toml::node& node, std::span<const Key> keys,
                  const std::string& what) {
  const toml::table* table = node.as_table();
  if (table != nullptr) return read_keys(context, *table, keys, what);
  context.findings.add(node.source(), what + " must be a table such as { " +
                                          std::string(keys.front().name) + " = … }");
}

void read_count_into(Context& context, const toml::node& node, std::uint64_t& out) {
  if (const auto count = read_count(node, 0, 1'000'000, context.findings)) out = *count;
}

template <std::optional<std::uint64_t> RunLimits::* Field>
void read_number_limit(Context& context, const toml::node& node) {
  if (const auto count = read_count(node, 0, 1'000'000'000, context.findings))
    context.out.limits.*Field = count;
}

template <std::optional<std::uint64_t> RunLimits::* Field>
void read_size_limit(Context& context, const toml::node& node) {
  // 0 needs no unit.
  if (node.value_exact<std::int64_t>() == std::int64_t{0})
    context.out.limits.*Field = 0;
  else if (const auto size = read_size(node, 1, kMost, context.findings))
    context.out.limits.*Field = size;
}

std::optional<ExecTemplate::Element> read_element(const toml::node& node, Findings& findings) {
  const auto text = read_text(node, "a text, or a list of texts that vanish together", findings);
  if (!text) return std::nullopt;
  auto element = ExecTemplate::Element::parse(*text);
  if (element) return *std::move(element);
  findings.add(node.source(), element.error());
  return std::nullopt;
}

void read_exec(Context& context, const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    context.findings.add(
        node.source(), "must be a list such as [\"/usr/bin/systemctl\", \"restart\", \"{unit}\"]");
    return;
  }
  std::vector<ExecTemplate::Part> parts;
  bool sound = true;
  const auto add = [&](ExecTemplate::Part& part, const toml::node& item) {
    auto element = read_element(item, context.findings);
    sound = sound && element.has_value();
    if (element) part.elements.push_back(*std::move(element));
  };
  for (const toml::node& item : *list) {
    ExecTemplate::Part part;
    if (const toml::array* group = item.as_array()) {
      part.group = true;
      for (const toml::node& inner : *group) add(part, inner);
    } else {
      add(part, item);
    }
    parts.push_back(std::move(part));
  }
  if (!sound) return;
  auto made = ExecTemplate::make(std::move(parts));
  if (made)
    context.draft.exec = *std::move(made);
  else
    context.findings.add(node.source(), made.error());
}

void read_arguments(Context& context, const toml::node& node) {
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    context.findings.add(node.source(), "args are written args.NAME = { type = \"string\" }");
    return;
  }
  for (const auto& [name, value] : *table) {
    if (!is_argument_name(name.str())) {
      context.findings.add(name.source(), uds::log_quote(name.str()) +
                                              " is no name for an argument: a lower-case letter, "
                                              "then such, digits and _");
      continue;
    }
    auto parameter = read_parameter(std::string(name.str()), value, context.findings);
    if (parameter)
      context.out.parameters.push_back(*std::move(parameter));
    else
      context.draft.faulty_arguments.emplace(name.str());
  }
}

/// Notes which name stands for which number. Where an account is unknown there are fewer numbers
/// than names, and the declaration is refused anyway.
template <class Number>
void keep_names(const toml::node& node, const std::vector<Number>& numbers,
                std::map<Number, std::string>& names) {
  const toml::array* list = node.as_array();
  if (list == nullptr || list->size() != numbers.size()) return;
  for (std::size_t at = 0; at < numbers.size(); ++at)
    names.emplace(numbers[at], list->get(at)->value_or(std::string()));
}

void read_principals(Context& context, const toml::node& node, uds::Principals& out,
                     const char* what) {
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    context.findings.add(node.source(),
                         std::string(what) + " must be { users = [...], groups = [...] }");
    return;
  }
  AccountNames& names = context.out.names;
  for (const auto& [name, value] : *table) {
    if (name.str() == "users") {
      read_users(value, out, context.findings);
      keep_names(value, out.users(), names.users);
    } else if (name.str() == "groups") {
      read_groups(value, out, context.findings);
      keep_names(value, out.groups(), names.groups);
    } else {
      context.findings.add(name.source(), "unknown key " + uds::log_quote(name.str()) + "; " +
                                              what + " has users and groups");
    }
  }
}

void read_user_name(Context& context, const toml::node& node) {
  const auto name = read_text(node, "the name of a user, or \"@caller\"", context.findings);
  if (!name) return;
  context.draft.user_said = true;
  RunAs& run_as = context.out.run_as;
  run_as.user = *name;
  run_as.caller = *name == "@caller";
  if (run_as.caller) return;
  const auto uid = uds::find_user(*name);
  if (!uid)
    context.findings.add(node.source(), uid.error().message());
  else if (context.rules.system && context.rules.daemon != 0 && *uid == context.rules.daemon)
    context.findings.add(node.source(),
                         "no command may run as udsd itself; give it a user of its own");
  else
    run_as.uid = *uid;
}

void read_timeout(Context& context, const toml::node& node) {
  context.draft.timeout_said = true;
  if (node.value_exact<std::string>() == std::string("none")) return;
  context.out.timeout = read_duration(node, 1ms, kLongest, context.findings);
}

void read_environment(Context& context, const toml::node& node) {
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    context.findings.add(node.source(), "env must be a table such as { LANG = \"C.UTF-8\" }");
    return;
  }
  for (const auto& [name, value] : *table) {
    const std::string key(name.str());
    auto text = read_text(value, "a text", context.findings);
    if (!text) continue;
    if (key.empty() || key.find('=') != std::string::npos || key.starts_with("UDS_"))
      context.findings.add(name.source(),
                           uds::log_quote(key) + " is no variable that a declaration may set");
    else if (const auto why = unfit_for_argument(*text))
      context.findings.add(value.source(), key + " " + *why);
    else
      context.out.environment.insert_or_assign(key, *std::move(text));
  }
}

void read_input(Context& context, const toml::node& node) {
  constexpr std::string_view kArgument = "arg:";
  const auto text = read_text(node, "\"none\", \"caller\" or \"arg:NAME\"", context.findings);
  if (!text) return;
  using From = StandardInput::From;
  if (*text == "none")
    context.out.input = {};
  else if (*text == "caller")
    context.out.input = {From::Caller, {}};
  else if (text->starts_with(kArgument) && text->size() > kArgument.size())
    context.out.input = {From::Argument, text->substr(kArgument.size())};
  else
    context.findings.add(node.source(),
                         uds::log_quote(*text) + " must be \"none\", \"caller\" or \"arg:NAME\"");
}

/// One of two words; true for the second.
std::optional<bool> read_choice(const toml::node& node, const std::string& first,
                                const std::string& second, Findings& findings) {
  const auto parse = [&](const std::string& text) -> std::optional<bool> {
    if (text == first) return false;
    if (text == second) return true;
    return std::nullopt;
  };
  return read_parsed(node, "\"" + first + "\" or \"" + second + "\"", parse, findings);
}

constexpr std::array kConcurrencyKeys{
    Key{"total",
        [](Context& c, const toml::node& n) { read_count_into(c, n, c.out.concurrency.total); }},
    Key{"per_user",
        [](Context& c, const toml::node& n) { read_count_into(c, n, c.out.concurrency.per_user); }},
    Key{"queue",
        [](Context& c, const toml::node& n) { read_count_into(c, n, c.out.concurrency.queue); }},
};

/// As many starts as may be remembered of a command.
void read_starts_into(Context& context, const toml::node& node, std::uint64_t& out) {
  if (const auto count = read_count(node, 0, 10'000, context.findings)) out = *count;
}

constexpr std::array kRateKeys{
    Key{"total", [](Context& c, const toml::node& n) { read_starts_into(c, n, c.out.rate.total); }},
    Key{"per_user",
        [](Context& c, const toml::node& n) { read_starts_into(c, n, c.out.rate.per_user); }},
    Key{"per",
        [](Context& c, const toml::node& n) {
          if (const auto time = read_duration(n, 1s, 24h, c.findings)) c.out.rate.per = *time;
        }},
};

constexpr std::array kOutputKeys{
    Key{"max",
        [](Context& c, const toml::node& n) {
          if (const auto size = read_size(n, 1, kMost, c.findings)) c.out.output.most = *size;
        }},
    Key{"on_limit",
        [](Context& c, const toml::node& n) {
          if (const auto drop = read_choice(n, "fail", "drop", c.findings))
            c.out.output.drop = *drop;
        }},
};

constexpr std::array kKeepKeys{
    Key{"time",
        [](Context& c, const toml::node& n) {
          if (const auto time = read_duration(n, 1s, kLongest, c.findings)) c.out.keep.time = *time;
        }},
    Key{"total",
        [](Context& c, const toml::node& n) {
          if (const auto size = read_size(n, 1, kMost, c.findings)) c.out.keep.total = *size;
        }},
};

constexpr std::array kLimitKeys{
    Key{"nproc", read_number_limit<&RunLimits::processes>},
    Key{"nofile", read_number_limit<&RunLimits::descriptors>},
    Key{"fsize", read_size_limit<&RunLimits::file_size>},
    Key{"core", read_size_limit<&RunLimits::core>},
    Key{"memory", read_size_limit<&RunLimits::memory>},
};

void read_set(const toml::node& node, bool& out, Findings& findings) {
  if (const auto value = read_flag(node, findings)) out = *value;
}

constexpr std::array kKeys{
    Key{"summary",
        [](Context& c, const toml::node& n) {
          if (auto text = read_summary(n, c.findings)) c.out.summary = *std::move(text);
        }},
    Key{"exec", read_exec},
    Key{"args", read_arguments},
    Key{"allow",
        [](Context& c, const toml::node& n) { read_principals(c, n, c.out.allow, "allow"); }},
    Key{"watch",
        [](Context& c, const toml::node& n) { read_principals(c, n, c.out.watch, "watch"); }},
    Key{"admins", [](Context& c, const toml::node& n) { read_set(n, c.out.admins, c.findings); }},
    Key{"user", read_user_name},
    Key{"group",
        [](Context& c, const toml::node& n) {
          if (const auto gid = read_group(n, c.findings)) c.out.run_as.group = gid;
        }},
    Key{"cwd",
        [](Context& c, const toml::node& n) {
          const auto parse = [](const std::string& text) -> std::optional<std::string> {
            if (!text.starts_with('/') || unfit_for_argument(text)) return std::nullopt;
            return text;
          };
          if (auto path = read_parsed(n, "an absolute path", parse, c.findings))
            c.out.directory = *std::move(path);
        }},
    Key{"umask",
        [](Context& c, const toml::node& n) {
          if (const auto mode = read_parsed(n, "a mask in octal and in quotes, such as \"022\"",
                                            parse_mode, c.findings))
            c.out.umask = *mode & 0777U;
        }},
    Key{"env", read_environment},
    Key{"stdin", read_input},
    Key{"timeout", read_timeout},
    Key{"grace",
        [](Context& c, const toml::node& n) {
          if (const auto time = read_duration(n, 1ms, 1h, c.findings)) c.out.grace = *time;
        }},
    Key{"on_disconnect",
        [](Context& c, const toml::node& n) {
          if (const auto detach = read_choice(n, "kill", "detach", c.findings))
            c.out.disconnect.detach = *detach;
        }},
    Key{"disconnect_grace",
        [](Context& c, const toml::node& n) {
          if (const auto time = read_duration(n, 1ms, 24h, c.findings))
            c.out.disconnect.grace = *time;
        }},
    Key{"concurrency",
        [](Context& c, const toml::node& n) {
          read_members(c, n, kConcurrencyKeys, "concurrency");
        }},
    Key{"rate", [](Context& c, const toml::node& n) { read_members(c, n, kRateKeys, "rate"); }},
    Key{"output",
        [](Context& c, const toml::node& n) { read_members(c, n, kOutputKeys, "output"); }},
    Key{"keep", [](Context& c, const toml::node& n) { read_members(c, n, kKeepKeys, "keep"); }},
    Key{"limits",
        [](Context& c, const toml::node& n) { read_members(c, n, kLimitKeys, "limits"); }},
    Key{"idempotent",
        [](Context& c, const toml::node& n) { read_set(n, c.out.idempotent, c.findings); }},
    Key{"audit_fallback",
        [](Context& c, const toml::node& n) {
          if (const auto journal = read_choice(n, "refuse", "journal", c.findings))
            c.out.audit_may_fall_back = *journal;
        }},
    Key{"unsafe_exec",
        [](Context& c, const toml::node& n) { read_set(n, c.out.unsafe_exec, c.findings); }},
};

}  // namespace

std::span<const DeclarationKey> command_keys() {
  return kKeys;
}

void read_keys(DraftContext& context, const toml::table& table,
               std::span<const DeclarationKey> keys, const std::string& what) {
  for (const auto& [name, value] : table) {
    const auto known = std::ranges::find(keys, name.str(), &DeclarationKey::name);
    if (known != keys.end()) {
      known->store(context, value);
      continue;
    }
    std::string all;
    for (const DeclarationKey& each : keys) all.append(all.empty() ? "" : ", ").append(each.name);
    std::string problem = "unknown key " + uds::log_quote(name.str());
    problem.append("; ").append(what).append(" has ").append(all);
    context.findings.add(name.source(), problem);
  }
}

}  // namespace udsd
