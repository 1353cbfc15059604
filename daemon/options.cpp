// Boost.Program_options splits the words; the values are checked here, so that an error names its
// source.
#include "options.hpp"

#include <boost/program_options.hpp>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "exit_code.hpp"
#include "file_mode.hpp"
#include "log_names.hpp"
#include "paths.hpp"
#include "uds/accounts.hpp"

namespace udsd {
namespace {

namespace po = boost::program_options;

struct Known {
  const char* name;
  const char* placeholder;  // null: the option is a switch
  const char* variable;     // null: it has none
  const char* help;
};

constexpr Known kKnown[] = {
    {"socket", "PATH", "UDSD_SOCKET", "socket to serve (default " UDS_SOCKET_PATH ")"},
    {"mode", "MODE", "UDSD_MODE", "permissions of the socket (default 0660, with --user 0600)"},
    {"owner", "USER", "UDSD_OWNER", "user that owns the socket (default: the user udsd runs as)"},
    {"group", "GROUP", "UDSD_GROUP", "group of the socket (default: the group udsd runs as)"},
    {"config", "FILE", "UDSD_CONFIG", "configuration (default " UDSD_CONFIG_FILE " if it exists)"},
    {"log-level", "LEVEL", "UDSD_LOG_LEVEL", kLogLevelNames},
    {"log-format", "FORMAT", "UDSD_LOG_FORMAT", kLogFormatNames},
    {"commands-dir", "DIR", "UDSD_COMMANDS_DIR",
     "the one directory of declared commands (default " UDSD_SHIPPED_COMMANDS
     " and " UDSD_OWN_COMMANDS ")"},
    {"state-dir", "DIR", "UDSD_STATE_DIR", "where runs are kept (default /var/lib/uds)"},
    {"exec-socket", "PATH", "UDSD_EXEC_SOCKET",
     "where udsd-exec.socket listens (default: udsd starts udsd-exec itself)"},
    {"user", nullptr, nullptr,
     "private instance: $XDG_RUNTIME_DIR/uds/uds.sock and ~/.config/uds/udsd.toml"},
    {"check-config", nullptr, nullptr,
     "check configuration and declared commands, say what is wrong, and exit"},
    {"as", "USER", nullptr,
     "with --check-config, and followed by COMMAND [NAME=VALUE]...: may USER run it?"},
    {"help", nullptr, nullptr, "show this help"},
    {"version", nullptr, nullptr, "show the version"},
};

// parse_environment() throws on a variable of which it is told and which it does not know; an empty
// name means that the variable is not ours.
std::string option_of_variable(const std::string& variable) {
  for (const Known& option : kKnown)
    if (option.variable != nullptr && option.variable == variable) return option.name;
  return {};
}

std::string variable_of_option(std::string_view name) {
  for (const Known& option : kKnown)
    if (option.variable != nullptr && option.name == name) return option.variable;
  return {};
}

po::options_description describe_options() {
  po::options_description description("Options", 100);
  for (const Known& option : kKnown) {
    if (option.placeholder == nullptr)
      description.add_options()(option.name, option.help);
    else
      description.add_options()(
          option.name, po::value<std::string>()->value_name(option.placeholder), option.help);
  }
  return description;
}

// The values of one source, and how that source calls an option in an error.
class Source {
 public:
  Source(po::variables_map values, std::string (*name_of)(std::string_view))
      : values_(std::move(values)), name_of_(name_of) {}

  [[nodiscard]] bool has(const char* option) const { return values_.count(option) != 0; }

  /// Stores the value of `option` as `parse` reads it, unless a stronger source has set it.
  template <class T, class Parse>
  void read(const char* option, std::optional<T>& target, Parse parse, const std::string& right) {
    if (!has(option)) return;
    const auto& text = values_[option].as<std::string>();
    if (text.empty() && name_of_ == variable_of_option) return;
    auto value = parse(text);
    if (!value && error_.empty())
      error_ = name_of_(option) + " " + uds::log_quote(text) + " must be " + right;
    else if (value && !target)
      target = std::move(value);
  }

  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  po::variables_map values_;
  std::string (*name_of_)(std::string_view);
  std::string error_;
};

template <class Find>
auto existing(Find find) {
  return
      [find](const std::string& name) { return find(name) ? std::optional(name) : std::nullopt; };
}

void read_values(Source& source, Options& options) {
  const auto path = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  source.read("config", options.config, path, "the path of a file");
  source.read("socket", options.socket, parse_socket_path, "an absolute path of at most 107 bytes");
  source.read("mode", options.mode, parse_mode, "permission bits in octal, such as 0660");
  source.read("owner", options.owner, existing(uds::find_user), "a user of this host");
  source.read("group", options.group, existing(uds::find_group), "a group of this host");
  source.read("log-level", options.log_level, parse_log_level, kLogLevelNames);
  source.read("log-format", options.log_format, parse_log_format, kLogFormatNames);
  source.read("commands-dir", options.commands_dir, parse_directory, kDirectoryRule);
  source.read("state-dir", options.state_dir, parse_directory, kDirectoryRule);
  source.read("exec-socket", options.exec_socket, parse_socket_path,
              "an absolute path of at most 107 bytes");
}

/// Options, and the words that are none.
struct CommandLine {
  po::variables_map values;
  std::vector<std::string> words;
};

CommandLine parse_command_line(int argc, const char* const* argv,
                               const po::options_description& description) {
  namespace style = po::command_line_style;
  po::command_line_parser parser(argc, argv);
  // No abbreviations: an option added later would change what they mean.
  parser.options(description).style(style::default_style & ~style::allow_guessing);
  const po::parsed_options parsed = parser.run();
  CommandLine line;
  po::store(parsed, line.values);  // which leaves out words
  for (const auto& option : parsed.options)
    if (option.position_key >= 0) line.words.push_back(option.value.front());
  return line;
}

/// What --as asks. Error: one sentence.
uds::Result<std::optional<Question>, std::string> read_question(const CommandLine& line,
                                                                Action action) {
  const auto as = line.values.find("as");
  if (as == line.values.end()) {
    if (line.words.empty()) return std::optional<Question>();
    return "there are no positional arguments without --as, such as " +
           uds::log_quote(line.words.front());
  }
  if (action != Action::CheckConfig || line.words.empty())
    return std::string("--as USER is written: --check-config --as USER COMMAND [NAME=VALUE]...");
  Question question{as->second.as<std::string>(), line.words.front(), {}};
  for (auto word = line.words.begin() + 1; word != line.words.end(); ++word) {
    const std::size_t equals = word->find('=');
    if (equals == 0 || equals == std::string::npos)
      return uds::log_quote(*word) + " must be NAME=VALUE, an argument of " + question.command;
    question.arguments.emplace_back(word->substr(0, equals), word->substr(equals + 1));
  }
  return std::optional(std::move(question));
}

po::variables_map parse_variables(const po::options_description& description) {
  po::variables_map values;
  po::store(po::parse_environment(description, option_of_variable), values);
  return values;
}

}  // namespace

uds::Result<Options, std::string> parse_options(int argc, const char* const* argv) {
  const auto option_name = [](std::string_view option) { return "--" + std::string(option); };
  try {
    const po::options_description description = describe_options();
    const CommandLine line = parse_command_line(argc, argv, description);
    Source command_line(line.values, option_name);
    Options options;
    options.user = command_line.has("user");
    if (command_line.has("help"))
      options.action = Action::Help;
    else if (command_line.has("version"))
      options.action = Action::Version;
    else if (command_line.has("check-config"))
      options.action = Action::CheckConfig;

    auto question = read_question(line, options.action);
    if (!question) return question.error();
    options.question = *std::move(question);

    Source environment(parse_variables(description), variable_of_option);
    for (Source* source : {&command_line, &environment}) {
      read_values(*source, options);
      if (!source->error().empty()) return source->error();
    }
    return options;
  } catch (const po::error& failure) {
    return std::string(failure.what());
  }
}

std::string help_text() {
  std::ostringstream text;
  text << "usage: udsd [OPTIONS]\n\nServes the control-plane socket of this host, or a private "
          "one.\n\n"
       << describe_options()
       << "\nEach option with a value but --as can be given as a variable too: UDSD_SOCKET, "
          "UDSD_LOG_LEVEL and so\n"
          "on. The command line wins over the environment, and both over the configuration file.\n"
          "SIGTERM and SIGINT drain, a second one stops at once; SIGHUP reads the configuration "
          "again.\n\n"
       << kExitCodeHelp;
  return text.str();
}

}  // namespace udsd
