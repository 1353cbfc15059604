// What the command line of udsd-exec asks for. Reads no file and opens nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "uds/result.hpp"

namespace udsd {

struct ExecOptions {
  enum class Action { Run, Help, Version };
  Action action = Action::Run;
  std::optional<std::string> config;
  std::vector<std::string> commands_dirs;  ///< in order; replace those of the configuration
  std::optional<std::string> state_dir;
  std::optional<std::string> daemon;  ///< the user that udsd runs as
  bool private_instance = false;      ///< udsd and udsd-exec have the same user
};

/// Error: one sentence that names the option.
uds::Result<ExecOptions, std::string> parse_exec_options(int argc, const char* const* argv);

/// The text of --help.
const char* exec_help_text() noexcept;

}  // namespace udsd
