// Command line and environment: which wins, what is refused, and where a private instance looks.
#include "options.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "load_settings.hpp"
#include "paths.hpp"
#include "support.hpp"

namespace {

/// Variables that are set for one test and are as before afterwards.
class Variables {
 public:
  Variables(std::initializer_list<std::pair<const char*, const char*>> values) {
    for (const auto& [name, value] : values) {
      const char* before = ::getenv(name);
      before_.emplace_back(name,
                           before == nullptr ? std::nullopt : std::optional<std::string>(before));
      set(name, value);
    }
  }
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;
  ~Variables() {
    for (const auto& [name, value] : before_) set(name.c_str(), value ? value->c_str() : nullptr);
  }

 private:
  static void set(const char* name, const char* value) {
    if (value == nullptr)
      ::unsetenv(name);
    else
      ::setenv(name, value, 1);
  }

  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

uds::Result<udsd::Options, std::string> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "udsd");
  return udsd::parse_options(static_cast<int>(arguments.size()), arguments.data());
}

void expect_refused(const std::vector<const char*>& arguments, const std::string& part) {
  const auto options = parse(arguments);
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().find(part), std::string::npos) << options.error();
}

TEST(Options, NothingGivenLeavesEverythingOpen) {
  const auto options = parse({});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, udsd::Action::Run);
  EXPECT_FALSE(options->user);
  EXPECT_FALSE(options->socket || options->mode || options->owner || options->group ||
               options->config);
  EXPECT_FALSE(options->log_level || options->log_format);
  EXPECT_FALSE(options->commands_dir || options->state_dir || options->exec_socket);
  EXPECT_FALSE(options->question);
}

TEST(Options, ReadsTheCommandLine) {
  const auto options = parse(
      {"--socket=/s",    "--mode", "0640",        "--owner", "root",          "--group", "0",
       "--config",       "c.toml", "--log-level", "trace",   "--log-format",  "json",    "--user",
       "--commands-dir", "/c",     "--state-dir", "/d",      "--exec-socket", "/e"});
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->socket, "/s");
  EXPECT_EQ(options->mode, 0640U);
  EXPECT_EQ(options->owner, "root");
  EXPECT_EQ(options->group, "0");
  EXPECT_EQ(options->config, "c.toml");
  EXPECT_EQ(options->log_level, uds::LogLevel::Trace);
  EXPECT_EQ(options->log_format, udsd::LogFormat::Json);
  EXPECT_EQ(options->commands_dir, "/c");
  EXPECT_EQ(options->state_dir, "/d");
  EXPECT_EQ(options->exec_socket, "/e");
  EXPECT_TRUE(options->user);
}

TEST(Options, TheCommandLineWinsOverTheEnvironment) {
  const Variables variables{
      {"UDSD_SOCKET", "/env"}, {"UDSD_LOG_LEVEL", "warn"}, {"UDSD_LOG_FORMAT", "journal"}};
  const auto options = parse({"--socket", "/line"});
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->socket, "/line");
  EXPECT_EQ(options->log_level, uds::LogLevel::Warn);
  EXPECT_EQ(options->log_format, udsd::LogFormat::Journal);
}

TEST(Options, IgnoresVariablesThatAreEmptyOrNotItsOwn) {
  const Variables variables{
      {"UDSD_SOCKET", ""}, {"UDSD_USER", "1"}, {"UDSD_HELP", "1"}, {"UDSD_NEW_THING", "x"}};
  const auto options = parse({});
  ASSERT_TRUE(options) << options.error();
  EXPECT_FALSE(options->socket);
  EXPECT_FALSE(options->user);
  EXPECT_EQ(options->action, udsd::Action::Run);
}

TEST(Options, ErrorsNameTheirSource) {
  expect_refused({"--mode", "rw"}, "--mode \"rw\"");
  const Variables variables{{"UDSD_MODE", "99"}};
  expect_refused({}, "UDSD_MODE \"99\"");
}

TEST(Options, RefusesWhatIsWrong) {
  expect_refused({"--socket", "relative"}, "absolute");
  expect_refused({"--socket", ""}, "--socket");
  expect_refused({"--config", ""}, "--config");
  expect_refused({"--owner", "no-such-user"}, "a user of this host");
  expect_refused({"--group", "no-such-group"}, "a group of this host");
  expect_refused({"--log-level", "INFO"}, "trace, debug, info");
  expect_refused({"--log-format", "xml"}, "text, json or journal");
  expect_refused({"--frobnicate"}, "--frobnicate");
  expect_refused({"--sock", "/s"}, "--sock");
  expect_refused({"stray"}, "positional");
  expect_refused({"--socket"}, "--socket");
  expect_refused({"--mode", "0660", "--mode", "0600"}, "more than once");
}

TEST(Options, ActionsAreRecognised) {
  EXPECT_EQ(parse({"--help"})->action, udsd::Action::Help);
  EXPECT_EQ(parse({"--version"})->action, udsd::Action::Version);
  EXPECT_EQ(parse({"--check-config"})->action, udsd::Action::CheckConfig);
}

TEST(Options, AQuestionOfPolicyHasACommandAndArguments) {
  const auto options = parse(
      {"--check-config", "--as", "deploy", "web.restart", "unit=nginx.service", "text=a=-b="});
  ASSERT_TRUE(options) << options.error();
  ASSERT_TRUE(options->question);
  EXPECT_EQ(options->question->user, "deploy");
  EXPECT_EQ(options->question->command, "web.restart");
  const std::vector<std::pair<std::string, std::string>> arguments{{"unit", "nginx.service"},
                                                                   {"text", "a=-b="}};
  EXPECT_EQ(options->question->arguments, arguments);
  expect_refused({"--check-config", "--as", "deploy"}, "--as USER is written:");
  expect_refused({"--as", "deploy", "web.restart"}, "--as USER is written:");
  expect_refused({"--check-config", "--as", "deploy", "web.restart", "unit"}, "must be NAME=VALUE");
  expect_refused({"--check-config", "web.restart"}, "positional arguments without --as");
}

TEST(Options, HelpNamesEveryOptionAndExitCode) {
  const std::string text = udsd::help_text();
  for (const char* part : {"--socket",      "--mode",         "--owner",
                           "--group",       "--config",       "--log-level",
                           "--log-format",  "--user",         "--check-config",
                           "--as",          "--commands-dir", "--state-dir",
                           "--exec-socket", "UDSD_SOCKET",    "   1 ",
                           " 64 ",          " 69 ",           " 71 ",
                           " 73 ",          " 77 ",           " 78 "})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(PrivateInstance, HasASocketAndAConfigurationOfItsOwn) {
  const uds_test::TempDir directory;
  const Variables variables{{"XDG_RUNTIME_DIR", directory.path().c_str()},
                            {"XDG_CONFIG_HOME", directory.path().c_str()},
                            {"XDG_STATE_HOME", nullptr},
                            {"HOME", "/home/x"}};
  udsd::Options options;
  options.user = true;
  const auto loaded = udsd::load_settings(options);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.commands_dirs,
            std::vector<std::string>{directory.path() + "/uds/commands.d"});
  EXPECT_EQ(loaded->settings.state_dir, "/home/x/.local/state/uds");
  EXPECT_EQ(loaded->settings.socket.path, directory.path() + "/uds/uds.sock");
  EXPECT_EQ(loaded->settings.socket.mode, 0600U);
  EXPECT_FALSE(loaded->file);
  EXPECT_EQ(udsd::default_config_path(true), directory.path() + "/uds/udsd.toml");

  ASSERT_TRUE(udsd::prepare_socket_directory(loaded->settings.socket.path, true));
  struct stat status{};
  ASSERT_EQ(::stat((directory.path() + "/uds").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  EXPECT_TRUE(udsd::prepare_socket_directory(loaded->settings.socket.path, true));
}

TEST(PrivateInstance, NeedsARuntimeDirectoryOrASocket) {
  const Variables variables{
      {"XDG_RUNTIME_DIR", nullptr}, {"XDG_CONFIG_HOME", nullptr}, {"HOME", nullptr}};
  udsd::Options options;
  options.user = true;
  const auto loaded = udsd::load_settings(options);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().at(0).find("XDG_RUNTIME_DIR"), std::string::npos);
  EXPECT_FALSE(udsd::default_config_path(true));

  options.socket = "/tmp/s";
  const auto homeless = udsd::load_settings(options);
  ASSERT_TRUE(homeless);
  EXPECT_TRUE(homeless->settings.commands_dirs.empty());
  EXPECT_EQ(homeless->settings.state_dir, "");
}

TEST(PrivateInstance, MakesNoDirectoryInForeignPlaces) {
  const uds_test::TempDir directory;
  const Variables variables{{"XDG_RUNTIME_DIR", "/nonexistent"}};
  ASSERT_TRUE(udsd::prepare_socket_directory(directory.path() + "/sub/uds.sock", true));
  EXPECT_FALSE(std::filesystem::exists(directory.path() + "/sub"));
}

}  // namespace
