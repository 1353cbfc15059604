// Bodies of options.hpp.
#include "exec/options.hpp"

#include <string_view>
#include <utility>

#include "uds/log.hpp"

namespace udsd {

uds::Result<ExecOptions, std::string> parse_exec_options(int argc, const char* const* argv) {
  ExecOptions options;
  for (int at = 1; at < argc; ++at) {
    const std::string_view option = argv[at];
    if (option == "--help") {
      options.action = ExecOptions::Action::Help;
      return options;
    }
    if (option == "--version") {
      options.action = ExecOptions::Action::Version;
      return options;
    }
    if (option == "--private") {
      options.private_instance = true;
      continue;
    }
    const bool known = option == "--config" || option == "--commands-dir" ||
                       option == "--state-dir" || option == "--daemon";
    if (!known) return "unknown option " + uds::log_quote(option) + "; see udsd-exec --help";
    if (at + 1 == argc || argv[at + 1][0] == '\0')
      return std::string(option) + " needs a value; see udsd-exec --help";
    std::string value = argv[++at];
    if (option == "--daemon") {
      options.daemon = std::move(value);
      continue;
    }
    if (!value.starts_with('/'))
      return std::string(option) + " needs an absolute path, not " + uds::log_quote(value);
    if (option == "--config")
      options.config = std::move(value);
    else if (option == "--state-dir")
      options.state_dir = std::move(value);
    else
      options.commands_dirs.push_back(std::move(value));
  }
  return options;
}

const char* exec_help_text() noexcept {
  return "Usage: udsd-exec [OPTION]...\n"
         "Runs one declared command for udsd, which starts it. Descriptor 0 is a connected socket\n"
         "of type SOCK_SEQPACKET to udsd.\n"
         "\n"
         "  --config FILE         configuration file of udsd\n"
         "  --commands-dir DIR    directory of declarations; may be given more than once\n"
         "  --state-dir DIR       where runs and the audit log are kept\n"
         "  --daemon USER         user that udsd runs as\n"
         "  --private             udsd runs as the same user as udsd-exec\n"
         "  --help                show this text\n"
         "  --version             show the version\n";
}

}  // namespace udsd
