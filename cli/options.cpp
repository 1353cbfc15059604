// Reads options with getopt_long(3), which needs neither a library nor time to start.
//
// getopt keeps its state in globals, so parse_options() is for one thread; it may be called again.
#include "options.hpp"

#include "uds/accounts.hpp"
#include "uds/units.hpp"
#include "visible_text.hpp"

#include <getopt.h>

#include <cstdint>
#include <limits>

namespace udsctl {
namespace {

constexpr std::string_view kHelp =
    "Usage: udsctl [OPTION]... VERB\n"
    "Asks a uds daemon over its socket; each response is one line on standard output.\n"
    "  ping, hello          does it answer; what is it, and who are you to it\n"
    "  list                 the commands that you may use\n"
    "  describe COMMAND     what it does and what it takes, as call COMMAND --help\n"
    "  call COMMAND [--NAME VALUE | NAME=VALUE | NAME:=JSON | NAME=@FILE]...\n"
    "  send REQUEST         one JSON object: '{\"cmd\":\"ping\"}' or '<\"cmd\":\"ping\">'\n"
    "  send -               a request per line of standard input, one after another\n"
    "  events, reload       follow what happens; read the configuration again\n"
    "Options, which stand before call:\n"
    "  --socket PATH        socket to use (default: $UDS_SOCKET, " UDS_SOCKET_PATH
    ")\n"
    "  --user               use the private instance, $XDG_RUNTIME_DIR/uds/uds.sock\n"
    "  --timeout DURATION   time for each request: 500ms, 5s, 2m, 1h (default: none)\n"
    "  --json               one line per response on a terminal, too\n"
    "  --half-close         for servers that read to end of file: no terminator or id\n"
    "  --server-uid USER    also trust a server run by USER (default: root and you)\n"
    "  --help, --version    print this, or the version\n"
    "Example: udsctl --user --timeout 5s call countdown from=3 interval_ms=200\n"
    "Exit status:\n"
    "  0 OK  2 ERROR  64 usage  65 not a request  69 no daemon  74 I/O error\n"
    "  76 no final response  77 access denied or server not trusted  124 timeout\n"
    "  130 interrupted (the request is cancelled first)  141 broken pipe\n";

enum Number : int {
  kSocket = 1,
  kUser,
  kTimeout,
  kJson,
  kHalfClose,
  kServerUid,
  kHelpOption,
  kVersion
};

constexpr option kOptions[] = {{"socket", required_argument, nullptr, kSocket},
                               {"user", no_argument, nullptr, kUser},
                               {"timeout", required_argument, nullptr, kTimeout},
                               {"json", no_argument, nullptr, kJson},
                               {"half-close", no_argument, nullptr, kHalfClose},
                               {"server-uid", required_argument, nullptr, kServerUid},
                               {"help", no_argument, nullptr, kHelpOption},
                               {"version", no_argument, nullptr, kVersion},
                               {nullptr, 0, nullptr, 0}};

/// A duration that `timeout_ms` of the protocol can hold.
std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text) {
  constexpr std::chrono::milliseconds kLongest{std::numeric_limits<std::int32_t>::max()};
  const auto duration = uds::parse_duration(text);
  if (!duration || duration->count() == 0 || *duration > kLongest) return std::nullopt;
  return duration;
}

/// What is wrong with the option, or nothing.
std::string apply(Options& options, int number, const std::string& value) {
  switch (number) {
    case kSocket:
      options.socket = value;
      break;
    case kUser:
      options.user = true;
      break;
    case kTimeout:
      options.timeout = parse_timeout(value);
      if (!options.timeout)
        return "--timeout " + visible(value) +
               " is no duration; write a number and a unit, such as 500ms, 5s, 2m or 1h";
      break;
    case kJson:
      options.json = true;
      break;
    case kHalfClose:
      options.half_close = true;
      break;
    case kServerUid: {
      const auto uid = uds::find_user(value);
      if (!uid)
        return "--server-uid " + visible(value) +
               " is no user of this host; write a user's name or number";
      options.server_uids.push_back(*uid);
      break;
    }
    case kHelpOption:
      options.help = true;
      break;
    case kVersion:
      options.version = true;
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

namespace {

/// Reads options, with `mode` up to the first word that is none, or all; then optind is behind
/// them. What is wrong, or nothing.
std::string read_options(Options& options, int argc, char** argv, const char* mode) {
  optind = 0;  // glibc: start again, forgetting what was read before
  for (;;) {
    const int number = ::getopt_long(argc, argv, mode, kOptions, nullptr);
    if (number == -1) return {};
    if (number == ':') return std::string(argv[optind - 1]) + " needs a value; see udsctl --help";
    if (number == '?') {
      // Set only for short options and for long ones that were recognised.
      const std::string name = optopt > kVersion ? "-" + std::string(1, static_cast<char>(optopt))
                                                 : std::string(argv[optind - 1]);
      return "there is no option " + visible(name) + ", or it takes no value; see udsctl --help";
    }
    if (std::string problem = apply(options, number, optarg == nullptr ? "" : optarg);
        !problem.empty())
      return problem;
  }
}

}  // namespace

uds::Result<Options, std::string> parse_options(int argc, char** argv) {
  Options options;
  // ':' first: a missing value is told from an unknown option, and getopt prints nothing itself.
  if (std::string problem = read_options(options, argc, argv, "+:"); !problem.empty())
    return problem;
  if (optind == argc) return options;
  options.verb = argv[optind];
  // What stands behind call is the command's own.
  if (options.verb == "call") {
    options.arguments.assign(argv + optind + 1, argv + argc);
    return options;
  }
  argc -= optind;
  argv += optind;
  if (std::string problem = read_options(options, argc, argv, ":"); !problem.empty())
    return problem;
  options.arguments.assign(argv + optind, argv + argc);
  return options;
}

std::string_view help_text() {
  return kHelp;
}

}  // namespace udsctl
