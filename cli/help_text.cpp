// Body of help_text.hpp.
#include "help_text.hpp"

#include "layout.hpp"
#include "options.hpp"

#include <algorithm>
#include <array>

namespace udsctl {
namespace {

constexpr std::string_view kHelp =
    "Usage: udsctl [OPTION]... VERB     asks a uds daemon over its socket\n"
    "  ping, hello, doctor  does it answer; what is it; find what is wrong here\n"
    "  list, describe, help COMMAND   the commands that you may use; what one takes\n"
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

constexpr std::string_view kCommandWithArguments = "COMMAND [--NAME VALUE | NAME=VALUE]...";

constexpr std::array kVerbs{
    VerbInfo{"ping", "", "does the daemon answer"},
    VerbInfo{"hello", "", "what it is, and who you are to it"},
    VerbInfo{"list", "", "the commands that you may use"},
    VerbInfo{"describe", "COMMAND", "what a command does and takes"},
    VerbInfo{"help", "[VERB | COMMAND]", "what a verb or a command does and takes"},
    VerbInfo{"run", kCommandWithArguments, "run a command: its output, its exit status"},
    VerbInfo{"call", "COMMAND [--NAME VALUE | NAME=VALUE | NAME:=JSON | NAME=@FILE]...",
             "run a command by its name, for its responses"},
    VerbInfo{"can-i", kCommandWithArguments, "whether a command may be run"},
    VerbInfo{"explain", kCommandWithArguments, "what a command would execute"},
    VerbInfo{"runs", "", "what runs and what has run"},
    VerbInfo{"attach", "RUN", "follow a run"},
    VerbInfo{"show", "RUN", "show a run"},
    VerbInfo{"wait", "RUN...", "wait for the end of runs"},
    VerbInfo{"cancel", "RUN", "end a run"},
    VerbInfo{"audit", "", "what was run, and by whom"},
    VerbInfo{"send", "REQUEST | -", "send a request written in JSON"},
    VerbInfo{"stats", "", "figures of the daemon"},
    VerbInfo{"top", "", "a live view of its connections"},
    VerbInfo{"events", "", "follow what happens"},
    VerbInfo{"log-level", "[trace | debug | info | warn | error | off]",
             "tell or set the log level"},
    VerbInfo{"reload", "", "read the configuration again"},
    VerbInfo{"shutdown", "[drain | now]", "end the daemon"},
    VerbInfo{"doctor", "", "find what is wrong here"},
    VerbInfo{"completion", "bash | zsh | fish", "print a completion script"},
};

}  // namespace

std::span<const VerbInfo> verb_table() {
  return kVerbs;
}

std::string_view help_text() {
  return kHelp;
}

const VerbInfo* find_verb(std::string_view name) {
  const auto found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                  [name](const VerbInfo& verb) { return verb.name == name; });
  return found == kVerbs.end() ? nullptr : &*found;
}

std::string help_of(const VerbInfo& verb) {
  std::string out = "Usage: udsctl [OPTION]... " + std::string(verb.name);
  if (!verb.operands.empty()) out += " " + std::string(verb.operands);
  out += "\n  " + std::string(verb.summary) + "\n";
  std::string options;
  for (const OptionInfo& option : option_table())
    if (belongs_to(verb.name, option.name))
      options += "  " + padded(std::string(option.name) + " " + std::string(option.value), 22) +
                 " " + std::string(option.summary) + "\n";
  if (!options.empty()) out += "Options of its own:\n" + options;
  return out + "udsctl --help has the options of all verbs, and udsctl(1) says the rest.\n";
}

}  // namespace udsctl
