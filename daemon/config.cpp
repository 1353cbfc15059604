// A table of sections and keys, each with the function that checks and stores its value. All errors
// of a file are collected, so that one run of --check-config shows them all.
#include "config.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <utility>

#include "commands/command_names.hpp"
#include "config_values.hpp"
#include "read_file.hpp"

namespace udsd {
namespace {

using Store = std::function<void(Settings&, const toml::node&, Findings&)>;

struct Key {
  std::string name;
  Store store;
};

struct Section {
  std::string name;
  std::vector<Key> keys;
};

Section socket_section() {
  return {"socket",
          {{"path",
            [](Settings& settings, const toml::node& node, Findings& findings) {
              if (auto path = read_path(node, findings)) {
                settings.socket.path = *std::move(path);
                settings.socket.path_is_explicit = true;
              }
            }},
           {"mode",
            [](Settings& settings, const toml::node& node, Findings& findings) {
              if (const auto mode = read_mode(node, findings)) settings.socket.mode = *mode;
            }},
           {"owner",
            [](Settings& settings, const toml::node& node, Findings& findings) {
              if (read_user(node, findings)) settings.socket.owner = node.value<std::string>();
            }},
           {"group",
            [](Settings& settings, const toml::node& node, Findings& findings) {
              if (read_group(node, findings)) settings.socket.group = node.value<std::string>();
            }},
           {"backlog", [](Settings& settings, const toml::node& node, Findings& findings) {
              constexpr auto kMost = std::numeric_limits<int>::max();
              if (const auto count = read_count(node, 1, kMost, findings))
                settings.socket.backlog = static_cast<int>(*count);
            }}}};
}

Section admin_section() {
  return {"admin",
          {{"users", [](Settings& settings, const toml::node& node,
                        Findings& findings) { read_users(node, settings.admins, findings); }},
           {"groups", [](Settings& settings, const toml::node& node, Findings& findings) {
              read_groups(node, settings.admins, findings);
            }}}};
}

Section access_section() {
  Section section{"access", {}};
  for (const std::string_view command : kCommandNames) {
    std::string name(command);
    Store store = [name](Settings& settings, const toml::node& node, Findings& findings) {
      if (auto rule = read_access(node, findings))
        settings.access.insert_or_assign(name, *std::move(rule));
    };
    section.keys.push_back({std::move(name), std::move(store)});
  }
  return section;
}

Key count_key(std::string name, std::size_t uds::Limits::* field, std::uint64_t least,
              std::uint64_t most) {
  return {std::move(name), [=](Settings& settings, const toml::node& node, Findings& findings) {
            if (const auto count = read_count(node, least, most, findings))
              settings.limits.*field = *count;
          }};
}

Key size_key(std::string name, std::size_t uds::Limits::* field, std::uint64_t least,
             std::uint64_t most) {
  return {std::move(name), [=](Settings& settings, const toml::node& node, Findings& findings) {
            if (const auto size = read_size(node, least, most, findings))
              settings.limits.*field = *size;
          }};
}

Key time_key(std::string name, std::chrono::milliseconds uds::Limits::* field) {
  return {std::move(name), [=](Settings& settings, const toml::node& node, Findings& findings) {
            using namespace std::chrono_literals;
            if (const auto time = read_duration(node, 1ms, 24h, findings))
              settings.limits.*field = *time;
          }};
}

Section limits_section() {
  using uds::Limits;
  constexpr std::uint64_t kKiB = std::uint64_t{1} << 10;
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  return {
      "limits",
      {size_key("message", &Limits::message_bytes, kKiB, kGiB),
       // Serialising recurses once per level; some hundred levels are far from the end of any
       // stack.
       count_key("json_depth", &Limits::json_depth, 4, 512),
       count_key("json_values", &Limits::json_values, 16, 100'000'000),
       count_key("connections", &Limits::connections, 1, 1'000'000),
       count_key("connections_per_uid", &Limits::connections_per_uid, 1, 1'000'000),
       count_key("requests_in_flight", &Limits::requests_in_flight, 1, 100'000),
       count_key("requests_in_flight_per_uid", &Limits::requests_in_flight_per_uid, 1, 100'000'000),
       size_key("queued_output", &Limits::queued_bytes, kKiB, kGiB),
       size_key("buffered_per_uid", &Limits::buffered_bytes_per_uid, kKiB, kGiB),
       size_key("buffered", &Limits::buffered_bytes, kKiB, 64 * kGiB),
       count_key("descriptors_per_uid", &Limits::descriptors_per_uid, 1, 1'000'000),
       count_key("frames_per_turn", &Limits::frames_per_turn, 1, 100'000),
       time_key("partial_message", &Limits::partial_message),
       time_key("stalled_reader", &Limits::stalled_reader), time_key("drain", &Limits::drain)}};
}

Section commands_section() {
  return {"commands",
          {{"commands_dir",
            [](Settings& settings, const toml::node& node, Findings& findings) {
              if (auto path = read_directory(node, findings))
                settings.commands_dirs = {*std::move(path)};
            }},
           {"state_dir", [](Settings& settings, const toml::node& node, Findings& findings) {
              if (auto path = read_directory(node, findings)) settings.state_dir = *std::move(path);
            }}}};
}

Section log_section() {
  return {"log",
          {{"level",
            [](Settings& settings, const toml::node& node, Findings& findings) {
              if (const auto level = read_log_level(node, findings)) settings.log.level = *level;
            }},
           {"format", [](Settings& settings, const toml::node& node, Findings& findings) {
              if (const auto format = read_log_format(node, findings))
                settings.log.format = *format;
            }}}};
}

const std::vector<Section>& sections() {
  static const std::vector<Section> all{socket_section(),   admin_section(),  access_section(),
                                        commands_section(), limits_section(), log_section()};
  return all;
}

template <class Named>
std::string names_of(const std::vector<Named>& items) {
  std::string text;
  for (const Named& item : items) text.append(text.empty() ? "" : ", ").append(item.name);
  return text;
}

template <class Named>
const Named* find_named(const std::vector<Named>& items, std::string_view name) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [name](const Named& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

void apply_section(const Section& section, const toml::table& table, Settings& settings,
                   Findings& findings) {
  for (const auto& [name, node] : table) {
    const Key* key = find_named(section.keys, name.str());
    findings.set_subject(key == nullptr ? "" : section.name + "." + key->name);
    if (key != nullptr)
      key->store(settings, node, findings);
    else
      findings.add(name.source(), "unknown key " + uds::log_quote(name.str()) + " in [" +
                                      section.name + "]; it has " + names_of(section.keys));
  }
}

}  // namespace

uds::Result<Settings, ConfigErrors> parse_config(std::string_view text, const std::string& path,
                                                 Settings base) {
  Findings findings(path);
  const auto parsed = parse_toml(text, findings);
  if (!parsed) return std::move(findings).errors();
  for (const auto& [name, node] : *parsed) {
    const Section* section = find_named(sections(), name.str());
    findings.set_subject("");
    if (section == nullptr)
      findings.add(name.source(), "unknown section " + uds::log_quote(name.str()) + "; there are " +
                                      names_of(sections()));
    else if (!node.is_table())
      findings.add(node.source(), section->name + " is a section; write [" + section->name +
                                      "] on a line of its own");
    else
      apply_section(*section, *node.as_table(), base, findings);
  }
  if (!findings.empty()) return std::move(findings).errors();
  return base;
}

uds::Result<Settings, ConfigErrors> load_config(const std::string& path, Settings base) {
  const auto text = read_file(path);
  if (!text) return ConfigErrors{path + ": " + text.error().message()};
  return parse_config(*text, path, std::move(base));
}

std::vector<std::string> config_keys() {
  std::vector<std::string> keys;
  for (const Section& section : sections())
    for (const Key& key : section.keys) keys.push_back(section.name + "." + key.name);
  return keys;
}

}  // namespace udsd
