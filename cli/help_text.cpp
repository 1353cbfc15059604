// Body of help_text.hpp.
#include "help_text.hpp"

#include <array>

namespace udsctl {
namespace {

constexpr std::string_view kHelp =
    "Usage: udsctl [OPTION]... VERB     asks a uds daemon over its socket\n"
    "  ping, hello, doctor  does it answer; what is it; find what is wrong here\n"
    "  list, describe COMMAND     the commands that you may use; what one takes\n"
    "  run COMMAND [--NAME VALUE | NAME=VALUE]...    its output and its exit status\n"
    "  call COMMAND [... | NAME:=JSON | NAME=@FILE]...    its responses, as JSON\n"
    "  can-i, explain COMMAND [...]    may you run it; what would be executed\n"
    "  attach, show, wait, cancel RUN    follow a run, show it, await it, end it\n"
    "  runs, audit          what runs and what has run; what was run by whom\n"
    "  send REQUEST, send - '{\"cmd\":\"ping\"}' or '<\"cmd\":\"ping\">'; each line of input\n"
    "  stats, top, events   figures; a live view; what happens, as it happens\n"
    "  log-level, reload, shutdown, completion    for administrators; for shells\n"
    "Options, which stand before COMMAND, those of call before the verb:\n"
    "  --socket PATH, --user    which daemon: $UDS_SOCKET, else " UDS_SOCKET_PATH
    "\n"
    "  --server-uid USER        trust a server run by USER, too (default: root, you)\n"
    "  --timeout DURATION, --connect-timeout DURATION, --retry N, --parallel N\n"
    "  --json[=lines|pretty], --collect, --field POINTER, --quiet, --half-close\n"
    "  --detach, --detach-on-interrupt, --result FILE, --from N    for run and attach\n"
    "  --all, --running, --any, --signal NAME, --as USER    for runs and their ends\n"
    "  --command NAME (runs, audit), --caller USER, --run RUN, --since DURATION\n"
    "  --watch, --once, --interval DURATION, --help, --version\n"
    "Exit status:\n"
    "  0 OK  1 no  2 ERROR  64 usage  65 bad data  69 no daemon  74 I/O error\n"
    "  76 no final response  77 denied  124 timeout  130 interrupted  141 broken pipe\n"
    "  of a run its own, or  125 uds failed  126 not allowed  127 no such command\n";

constexpr std::array kVerbs{
    VerbInfo{"ping", "does the daemon answer"},
    VerbInfo{"hello", "what it is, and who you are to it"},
    VerbInfo{"list", "the commands that you may use"},
    VerbInfo{"describe", "what a command does and takes"},
    VerbInfo{"run", "run a command: its output, its exit status"},
    VerbInfo{"call", "run a command by its name, for its responses"},
    VerbInfo{"can-i", "whether a command may be run"},
    VerbInfo{"explain", "what a command would execute"},
    VerbInfo{"runs", "what runs and what has run"},
    VerbInfo{"attach", "follow a run"},
    VerbInfo{"show", "show a run"},
    VerbInfo{"wait", "wait for the end of runs"},
    VerbInfo{"cancel", "end a run"},
    VerbInfo{"audit", "what was run, and by whom"},
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
