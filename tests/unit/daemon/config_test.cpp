// The configuration file: every key, what is refused and where, and the file that is shipped.
#include "config.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "load_settings.hpp"
#include "support.hpp"

namespace {

using namespace std::chrono_literals;

udsd::Settings good(const std::string& text) {
  auto settings = udsd::parse_config(text, "f.toml", {});
  if (settings) return *settings;
  for (const std::string& error : settings.error()) ADD_FAILURE() << error;
  return {};
}

udsd::ConfigErrors errors_of(const std::string& text) {
  const auto settings = udsd::parse_config(text, "f.toml", {});
  return settings ? udsd::ConfigErrors{} : settings.error();
}

/// The only error of `text`; it must begin with `f.toml:<where>: `.
std::string error_at(const std::string& text, const std::string& where) {
  const auto errors = errors_of(text);
  EXPECT_EQ(errors.size(), 1U) << text;
  if (errors.empty()) return {};
  EXPECT_TRUE(errors[0].starts_with("f.toml:" + where + ": ")) << errors[0];
  return errors[0];
}

void expect_says(const std::string& error, const std::string& part) {
  EXPECT_NE(error.find(part), std::string::npos) << error << "\nshould say: " << part;
}

void expect_same(const udsd::Settings& left, const udsd::Settings& right) {
  EXPECT_EQ(left.socket.path, right.socket.path);
  EXPECT_EQ(left.socket.mode, right.socket.mode);
  EXPECT_EQ(left.socket.backlog, right.socket.backlog);
  EXPECT_EQ(left.admins.users(), right.admins.users());
  EXPECT_EQ(left.admins.groups(), right.admins.groups());
  EXPECT_EQ(left.limits.message_bytes, right.limits.message_bytes);
  EXPECT_EQ(left.limits.json_depth, right.limits.json_depth);
  EXPECT_EQ(left.limits.json_values, right.limits.json_values);
  EXPECT_EQ(left.limits.connections, right.limits.connections);
  EXPECT_EQ(left.limits.connections_per_uid, right.limits.connections_per_uid);
  EXPECT_EQ(left.limits.requests_in_flight, right.limits.requests_in_flight);
  EXPECT_EQ(left.limits.requests_in_flight_per_uid, right.limits.requests_in_flight_per_uid);
  EXPECT_EQ(left.limits.queued_bytes, right.limits.queued_bytes);
  EXPECT_EQ(left.limits.buffered_bytes_per_uid, right.limits.buffered_bytes_per_uid);
  EXPECT_EQ(left.limits.buffered_bytes, right.limits.buffered_bytes);
  EXPECT_EQ(left.limits.descriptors_per_uid, right.limits.descriptors_per_uid);
  EXPECT_EQ(left.limits.frames_per_turn, right.limits.frames_per_turn);
  EXPECT_EQ(left.limits.partial_message, right.limits.partial_message);
  EXPECT_EQ(left.limits.stalled_reader, right.limits.stalled_reader);
  EXPECT_EQ(left.limits.drain, right.limits.drain);
  EXPECT_EQ(left.state_dir, right.state_dir);
  EXPECT_EQ(left.log.level, right.log.level);
  EXPECT_EQ(left.log.format, right.log.format);
}

std::string shipped_file() {
  std::ifstream file(UDSD_SHIPPED_CONFIG);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty());
  return text.str();
}

/// `text` with every key in force: "#key = value" without its "#". Accounts become number 0, since
/// those of the service exist on a host that runs it, not on every one that builds it.
std::string uncommented(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line); result += line + "\n") {
    if (line.size() < 2 || line[0] != '#' || line[1] < 'a' || line[1] > 'z') continue;
    line.erase(0, 1);
    if (line.starts_with("owner =") || line.starts_with("group ="))
      line = line.substr(0, 8) + "\"0\"";
  }
  return result;
}

TEST(Config, AnEmptyFileChangesNothing) {
  const udsd::Settings settings = good("");
  expect_same(settings, {});
  EXPECT_FALSE(settings.socket.path_is_explicit);
  EXPECT_TRUE(settings.access.empty());
}

TEST(Config, ReadsEverySection) {
  const udsd::Settings settings = good(R"(
[socket]
path = "/run/x/y.sock"
mode = "0600"
owner = "root"
group = "0"
backlog = 7
[admin]
users = ["root", "1000"]
groups = ["27"]
[access]
ping = "admin"
echo = "everyone"
countdown = { users = ["1000"], groups = ["root"] }
[limits]
message = "2MiB"
json_depth = 10
json_values = 1000
connections = 11
connections_per_uid = 12
requests_in_flight = 13
queued_output = "8KiB"
frames_per_turn = 14
partial_message = "500ms"
stalled_reader = "2m"
drain = "1h"
[commands]
commands_dir = "/srv/commands"
state_dir = "/srv/state"
[log]
level = "debug"
format = "json"
)");
  EXPECT_EQ(settings.commands_dirs, std::vector<std::string>{"/srv/commands"});
  EXPECT_EQ(settings.state_dir, "/srv/state");
  EXPECT_EQ(settings.socket.path, "/run/x/y.sock");
  EXPECT_TRUE(settings.socket.path_is_explicit);
  EXPECT_EQ(settings.socket.mode, 0600U);
  EXPECT_EQ(settings.socket.owner, "root");
  EXPECT_EQ(settings.socket.group, "0");
  EXPECT_EQ(settings.socket.backlog, 7);
  EXPECT_EQ(settings.admins.users(), (std::vector<uid_t>{0, 1000}));
  EXPECT_EQ(settings.admins.groups(), (std::vector<gid_t>{27}));
  EXPECT_EQ(settings.limits.message_bytes, std::size_t{2} << 20);
  EXPECT_EQ(settings.limits.json_depth, 10U);
  EXPECT_EQ(settings.limits.json_values, 1000U);
  EXPECT_EQ(settings.limits.connections, 11U);
  EXPECT_EQ(settings.limits.connections_per_uid, 12U);
  EXPECT_EQ(settings.limits.requests_in_flight, 13U);
  EXPECT_EQ(settings.limits.queued_bytes, 8192U);
  EXPECT_EQ(settings.limits.frames_per_turn, 14U);
  EXPECT_EQ(settings.limits.partial_message, 500ms);
  EXPECT_EQ(settings.limits.stalled_reader, 2min);
  EXPECT_EQ(settings.limits.drain, 1h);
  EXPECT_EQ(settings.log.level, uds::LogLevel::Debug);
  EXPECT_EQ(settings.log.format, udsd::LogFormat::Json);

  const uds::Peer stranger(1001, 1001, 1, {});
  const uds::Peer named(1000, 1000, 1, {});
  const uds::Peer by_group(1001, 1001, 1, {0});
  EXPECT_FALSE(settings.access.at("ping").allows(named, false));
  EXPECT_TRUE(settings.access.at("ping").allows(named, true));
  EXPECT_TRUE(settings.access.at("echo").allows(stranger, false));
  EXPECT_FALSE(settings.access.at("countdown").allows(stranger, false));
  EXPECT_TRUE(settings.access.at("countdown").allows(named, false));
  EXPECT_TRUE(settings.access.at("countdown").allows(by_group, false));
}

TEST(Config, NamesWhatIsUnknownAndWhatThereIs) {
  expect_says(error_at("\n[sockets]\n", "2:2"),
              "there are socket, admin, access, commands, limits, log");
  expect_says(error_at("[socket]\n  pfad = 1\n", "2:3"),
              "it has path, mode, owner, group, backlog");
  expect_says(error_at("[access]\npong = \"admin\"\n", "2:1"), "\"pong\"");
  expect_says(error_at("[access]\nping = { user = [\"root\"] }\n", "2:10"),
              "users, groups and hidden");
  expect_says(error_at("loglevel = 1\n", "1:1"), "unknown section");
  expect_says(error_at("log = \"debug\"\n", "1:7"), "[log]");
}

TEST(Config, NamesUsersAndGroupsThatDoNotExist) {
  expect_says(error_at("[socket]\nowner = \"no-such-user\"\n", "2:9"), "no-such-user");
  expect_says(error_at("[socket]\ngroup = \"no-such-group\"\n", "2:9"), "no-such-group");
  expect_says(error_at("[admin]\nusers = [\"root\", \"no-such-user\"]\n", "2:18"), "no-such-user");
  expect_says(error_at("[access]\nping = { groups = [\"no-such-group\"] }\n", "2:20"),
              "no-such-group");
  expect_says(error_at("[admin]\nusers = [\"65534\"]\n", "2:10"), "nobody in particular");
  expect_says(error_at("[admin]\nusers = [\"4294967295\"]\n", "2:10"), "admin.users");
}

TEST(Config, NamesTheRightTypeAndUnit) {
  expect_says(error_at("[socket]\nmode = 660\n", "2:8"), "\"0660\"");
  expect_says(error_at("[socket]\nmode = \"1777\"\n", "2:8"), "octal");
  expect_says(error_at("[socket]\npath = \"uds.sock\"\n", "2:8"), "absolute");
  expect_says(error_at("[socket]\npath = \"/" + std::string(107, 'x') + "\"\n", "2:8"),
              "107 bytes");
  expect_says(error_at("[socket]\nbacklog = \"9\"\n", "2:11"), "whole number");
  expect_says(error_at("[socket]\nbacklog = 0\n", "2:11"), "from 1 to");
  expect_says(error_at("[limits]\nconnections = 1.5\n", "2:15"), "whole number");
  expect_says(error_at("[limits]\nconnections = -1\n", "2:15"), "whole number");
  expect_says(error_at("[limits]\nmessage = 1048576\n", "2:11"), "KiB");
  expect_says(error_at("[limits]\nmessage = \"1MB\"\n", "2:11"), "\"1MB\"");
  expect_says(error_at("[limits]\nmessage = \"1B\"\n", "2:11"), "\"1KiB\"");
  expect_says(error_at("[limits]\ndrain = 30\n", "2:9"), "ms, s, m, h or d");
  expect_says(error_at("[limits]\ndrain = \"30\"\n", "2:9"), "limits.drain");
  expect_says(error_at("[limits]\ndrain = \"0ms\"\n", "2:9"), "1ms");
  expect_says(error_at("[limits]\njson_depth = 100000\n", "2:14"), "512");
  expect_says(error_at("[log]\nlevel = \"verbose\"\n", "2:9"),
              "trace, debug, info, warn, error or off");
  expect_says(error_at("[log]\nformat = true\n", "2:10"), "text, json or journal");
  expect_says(error_at("[admin]\nusers = \"root\"\n", "2:9"), "list of users");
  expect_says(error_at("[admin]\nusers = [0]\n", "2:10"), "in quotes");
  expect_says(error_at("[access]\nping = \"root\"\n", "2:8"), "everyone");
  expect_says(error_at("[access]\nping = {}\n", "2:8"), "everyone");
  expect_says(error_at("[access]\nping = { hidden = 1 }\n", "2:19"), "true or false");
}

TEST(Config, SyntaxErrorsHaveAPosition) {
  error_at("[log\n", "1:5");
  EXPECT_EQ(errors_of("[log]\nlevel = \"info\"\nlevel = \"warn\"\n").size(), 1U);
  EXPECT_EQ(errors_of("[log]\nlevel = \"\xFF\"\n").size(), 1U);
  EXPECT_EQ(errors_of("[log]\nlevel = " + std::string(100'000, '[')).size(), 1U);
}

TEST(Config, ReportsAllErrorsAndKeepsForeignTextOnOneLine) {
  const auto errors = errors_of("[log]\nlevel = \"x\\ny\"\n\"a\\nb\" = 1\n[socket]\nmode = 1\n");
  EXPECT_EQ(errors.size(), 3U);
  for (const std::string& error : errors) EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

TEST(Config, AnErrorInARuleGrantsNothing) {
  // Two findings: the unknown user, and the key that is no list. The settings are not given out at
  // all.
  EXPECT_EQ(errors_of("[access]\nping = { users = [\"no-such-user\"], groups = 1 }\n").size(), 2U);
}

TEST(Config, FilesThatCannotBeReadAreErrors) {
  const uds_test::TempDir directory;
  const std::string missing = directory.path() + "/missing.toml";
  const auto absent = udsd::load_config(missing, {});
  ASSERT_FALSE(absent);
  expect_says(absent.error().at(0), missing + ": cannot open the file: No such file");

  const auto folder = udsd::load_config(directory.path(), {});
  ASSERT_FALSE(folder);
  expect_says(folder.error().at(0), "no regular file");

  const std::string pipe = directory.path() + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto fifo = udsd::load_config(pipe, {});
  ASSERT_FALSE(fifo);
  expect_says(fifo.error().at(0), "no regular file");

  const std::string large = directory.path() + "/large.toml";
  std::ofstream(large) << '#' << std::string(std::size_t{1} << 20, 'x');
  const auto huge = udsd::load_config(large, {});
  ASSERT_FALSE(huge);
  expect_says(huge.error().at(0), "1 MiB");
}

TEST(Config, TheShippedFileChangesNothing) {
  const udsd::Settings settings = good(shipped_file());
  expect_same(settings, {});
  EXPECT_FALSE(settings.socket.path_is_explicit);
  EXPECT_TRUE(settings.access.empty());
}

TEST(Config, TextThatTheParserCannotBearIsRefusedFirst) {
  using namespace std::string_literals;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[\0"s, "f.toml:1:2: "},
      {"[log]\n[\x01", "f.toml:2:2: "},
      {"a=i\x1b[31m", "f.toml:1:4: "},
      {"\xef\xba\xbf", "f.toml:1:1: "},
      {"[log]\nlevel = \"info\" \xc3\xa9", "f.toml:2:16: "},
      {"a=1979-05-27T.7:32:00z", "f.toml:1:"},
      {"a=09'9-0532z0\xc8\x85", "f.toml:1:14: "},
      {"[socket]\npath = \"/run/\xc3\xa9\"", "f.toml:2:14: "},
  };
  for (const auto& [text, where] : cases) {
    const auto settings = udsd::parse_config(text, "f.toml", {});
    ASSERT_FALSE(settings) << text;
    EXPECT_TRUE(settings.error().front().starts_with(where)) << settings.error().front();
  }
  EXPECT_TRUE(udsd::parse_config("# \xc3\xa9\r\n[log]\r\nlevel = \"info\"\r\n", "f.toml", {}));
  EXPECT_TRUE(
      udsd::parse_config("[socket]\npath = \"/run/\\u00e9#\\\"\" # \xc3\xa9\n", "f.toml", {}));
}

TEST(Config, TheShippedFileHasEveryKeyWithItsDefault) {
  const std::string text = uncommented(shipped_file());
  const udsd::Settings settings = good(text);
  expect_same(settings, {});
  EXPECT_TRUE(settings.socket.path_is_explicit);
  const std::set<std::string> for_admins{"events", "log-level", "reload", "shutdown"};
  for (const auto& [name, rule] : settings.access)
    EXPECT_EQ(rule.to_string(), for_admins.contains(name) ? "admin" : "everyone") << name;

  std::vector<std::string> present;
  std::string section;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
    if (!line.empty() && line[0] >= 'a' && line[0] <= 'z')
      present.push_back(section + "." + line.substr(0, line.find(' ')));
  }
  auto known = udsd::config_keys();
  std::sort(known.begin(), known.end());
  std::sort(present.begin(), present.end());
  EXPECT_EQ(present, known);
}

TEST(LoadSettings, TheCommandLineWinsOverTheFile) {
  const uds_test::TempDir directory;
  const std::string file = directory.path() + "/udsd.toml";
  std::ofstream(file)
      << "[socket]\npath = \"/run/file.sock\"\nmode = \"0600\"\n[log]\nlevel = \"warn\"\n";
  udsd::Options options;
  options.config = file;
  const auto from_file = udsd::load_settings(options);
  ASSERT_TRUE(from_file);
  EXPECT_EQ(from_file->settings.socket.path, "/run/file.sock");
  EXPECT_EQ(from_file->settings.log.level, uds::LogLevel::Warn);
  EXPECT_EQ(from_file->file, file);

  options.socket = "/run/line.sock";
  options.log_level = uds::LogLevel::Trace;
  const auto both = udsd::load_settings(options);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->settings.socket.path, "/run/line.sock");
  EXPECT_EQ(both->settings.socket.mode, 0600U);
  EXPECT_EQ(both->settings.log.level, uds::LogLevel::Trace);
}

TEST(LoadSettings, AFileThatIsNamedMustExist) {
  udsd::Options options;
  options.config = "/nonexistent/udsd.toml";
  const auto settings = udsd::load_settings(options);
  ASSERT_FALSE(settings);
  expect_says(settings.error().at(0), "/nonexistent/udsd.toml");
}

}  // namespace
