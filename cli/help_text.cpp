// Body of help_text.hpp.
#include "help_text.hpp"

#include <array>

namespace udsctl {
namespace {

constexpr std::string_view kHelp =
    "Usage: udsctl [OPTION]... VERB\n"
    "Asks a uds daemon over its socket; each response is one line on standard output.\n"
    "  ping, hello, list    does it answer; what is it; the commands that you may use\n"
    "  describe COMMAND     what it does and what it takes, as call COMMAND --help\n"
    "  call COMMAND [--NAME VALUE | NAME=VALUE | NAME:=JSON | NAME=@FILE]...\n"
    "  send REQUEST         one JSON object: '{\"cmd\":\"ping\"}' or '<\"cmd\":\"ping\">'\n"
    "  send -               a request for each line of standard input\n"
    "  stats, top, events   figures; a live view; what happens, as it happens\n"
    "  log-level, reload, shutdown    what administrators tell the daemon\n"
    "  doctor, completion   find what is wrong here; completion for bash, zsh or fish\n"
    "Options, which stand before call:\n"
    "  --socket PATH, --user    which daemon: $UDS_SOCKET, else " UDS_SOCKET_PATH
    "\n"
    "  --server-uid USER        trust a server run by USER, too (default: root, you)\n"
    "  --timeout DURATION, --connect-timeout DURATION    500ms, 5s, 2m, 1h\n"
    "  --retry N, --parallel N  tries, where that is safe; lines of send - at once\n"
    "  --json[=lines|pretty], --collect, --field POINTER, --quiet   what is printed\n"
    "  --watch, --once, --interval DURATION   for stats and top\n"
    "  --half-close, --help, --version\n"
    "Example: udsctl --user --timeout 5s call countdown from=3 interval_ms=200\n"
    "Exit status:\n"
    "  0 OK  2 ERROR  64 usage  65 bad data  69 no daemon  74 I/O error\n"
    "  76 no final response  77 access denied or server not trusted  124 timeout\n"
    "  130 interrupted (the request is cancelled first)  141 broken pipe\n";

constexpr std::array kVerbs{
    VerbInfo{"ping", "does the daemon answer"},
    VerbInfo{"hello", "what it is, and who you are to it"},
    VerbInfo{"list", "the commands that you may use"},
    VerbInfo{"describe", "what a command does and takes"},
    VerbInfo{"call", "run a command by its name"},
    VerbInfo{"send", "send a request written in JSON"},
    VerbInfo{"stats", "figures of the daemon"},
    VerbInfo{"top", "a live view of its connections"},
    VerbInfo{"events", "follow what happens"},
    VerbInfo{"log-level", "tell or set the log level"},
    VerbInfo{"reload", "read the configuration again"},
    VerbInfo{"shutdown", "end the daemon"},
    VerbInfo{"doctor", "find what is wrong here"},
    VerbInfo{"completion", "print a completion script"},
};

}  // namespace

std::span<const VerbInfo> verb_table() {
  return kVerbs;
}

std::string_view help_text() {
  return kHelp;
}

}  // namespace udsctl
