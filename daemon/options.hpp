// What the command line and the environment ask for. Reads no file and opens nothing.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "settings.hpp"
#include "uds/result.hpp"

namespace udsd {

enum class Action { Run, CheckConfig, Help, Version };

/// `--check-config --as USER COMMAND [NAME=VALUE]...`
struct Question {
  std::string user;
  std::string command;
  std::vector<std::pair<std::string, std::string>> arguments;
};

/// The options as given, values checked. What is absent is left to the configuration file and the
/// built-in values.
struct Options {
  Action action = Action::Run;
  /// A private instance: socket, mode and configuration of the user who starts it.
  bool user = false;
  std::optional<std::string> config;
  std::optional<std::string> socket;
  std::optional<mode_t> mode;
  std::optional<std::string> owner;
  std::optional<std::string> group;
  std::optional<uds::LogLevel> log_level;
  std::optional<LogFormat> log_format;
  std::optional<std::string> commands_dir;
  std::optional<std::string> state_dir;
  std::optional<std::string> exec_socket;
  /// With CheckConfig: whether this user may run a command.
  std::optional<Question> question;
};

/// Reads the command line, then UDSD_* of the environment for what it left open. Variables that no
/// option knows, and empty ones, are ignored. Error: one sentence that names the option or
/// variable.
uds::Result<Options, std::string> parse_options(int argc, const char* const* argv);

/// The text of --help.
std::string help_text();

}  // namespace udsd
