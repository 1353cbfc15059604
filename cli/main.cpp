// udsctl: the command-line client of a uds daemon. Picks the verb and turns its result into an exit
// status.
#include "exit_code.hpp"
#include "help_text.hpp"
#include "options.hpp"
#include "output.hpp"
#include "verbs/verbs.hpp"

#include "uds/similar.hpp"
#include "uds/version.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace {

using udsctl::Exit;

struct Verb {
  std::string_view name;
  Exit (*run)(const udsctl::Options&);
};

constexpr std::array kVerbs{
    Verb{"ping", udsctl::ping},         Verb{"hello", udsctl::hello},
    Verb{"list", udsctl::list},         Verb{"describe", udsctl::describe},
    Verb{"help", udsctl::help},         Verb{"call", udsctl::call},
    Verb{"send", udsctl::send},         Verb{"run", udsctl::run},
    Verb{"attach", udsctl::attach},     Verb{"runs", udsctl::runs},
    Verb{"show", udsctl::show},         Verb{"wait", udsctl::wait},
    Verb{"cancel", udsctl::cancel},     Verb{"can-i", udsctl::can_i},
    Verb{"explain", udsctl::explain},   Verb{"audit", udsctl::audit},
    Verb{"stats", udsctl::stats},       Verb{"top", udsctl::top},
    Verb{"events", udsctl::events},     Verb{"log-level", udsctl::log_level},
    Verb{"reload", udsctl::reload},     Verb{"shutdown", udsctl::shut_down},
    Verb{"doctor", udsctl::doctor},     Verb{"completion", udsctl::completion},
    Verb{"complete", udsctl::complete},
};

/// A standard descriptor that is closed must not become the socket. Opened the wrong way round, it
/// stays unusable.
void occupy_standard_descriptors() {
  // One call for all three: poll(2) names the closed ones.
  std::array<pollfd, 3> entries{pollfd{STDIN_FILENO, 0, 0}, pollfd{STDOUT_FILENO, 0, 0},
                                pollfd{STDERR_FILENO, 0, 0}};
  ::poll(entries.data(), entries.size(), 0);
  for (const pollfd& entry : entries)
    if ((entry.revents & POLLNVAL) != 0)
      ::open("/dev/null", entry.fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

std::string no_such_verb(const std::string& name) {
  std::vector<std::string_view> known;
  for (const udsctl::VerbInfo& verb : udsctl::verb_table()) known.push_back(verb.name);
  // Who mistypes a name mostly begins it right; countdown must not lead to shutdown.
  std::erase_if(known, [&name](std::string_view verb) { return verb.front() != name.front(); });
  const auto nearest = uds::similar_names(std::string_view(name).substr(0, 64), known, 1);
  return "there is no verb " + name +
         (nearest.empty() ? "; a command of the daemon is run by udsctl call " + name
                          : " (did you mean " + std::string(nearest.front()) + "?)") +
         "; see udsctl --help";
}

Exit run(int argc, char** argv) {
  const auto options = udsctl::parse_options(argc, argv);
  if (options ? options->json : options.error().json) udsctl::speak_json();
  if (!options) return udsctl::fail(Exit::Usage, options.error().sentence);
  if (options->help) {
    const udsctl::VerbInfo* verb = udsctl::find_verb(options->verb);
    return udsctl::print(verb == nullptr ? udsctl::help_text() : udsctl::help_of(*verb));
  }
  if (options->version) return udsctl::print("udsctl " + std::string(uds::kVersion) + "\n");
  if (options->verb.empty())
    return udsctl::fail(Exit::Usage, "say what to do, such as udsctl ping; see udsctl --help");
  for (const Verb& verb : kVerbs)
    if (verb.name == options->verb) return verb.run(*options);
  return udsctl::fail(Exit::Usage, no_such_verb(options->verb));
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  udsctl::outlive_broken_pipes();
  return static_cast<int>(run(argc, argv));
}
