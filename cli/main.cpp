// udsctl: the command-line client of a uds daemon. Picks the verb and turns its result into an exit
// status.
#include "exit_code.hpp"
#include "options.hpp"
#include "output.hpp"
#include "verbs.hpp"
#include "visible_text.hpp"

#include "uds/version.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

namespace {

using udsctl::Exit;

struct Verb {
  std::string_view name;
  Exit (*run)(const udsctl::Options&);
};

constexpr std::array kVerbs{Verb{"ping", udsctl::ping},     Verb{"call", udsctl::call},
                            Verb{"list", udsctl::list},     Verb{"describe", udsctl::describe},
                            Verb{"send", udsctl::send},     Verb{"hello", udsctl::hello},
                            Verb{"events", udsctl::events}, Verb{"reload", udsctl::reload}};

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

Exit print(std::string_view text) {
  const auto written = udsctl::write_all(STDOUT_FILENO, text);
  return written ? Exit::Ok : udsctl::output_failed(written.error());
}

Exit run(int argc, char** argv) {
  const auto options = udsctl::parse_options(argc, argv);
  if (!options) {
    udsctl::complain(options.error());
    return Exit::Usage;
  }
  if (options->help) return print(udsctl::help_text());
  if (options->version) return print("udsctl " + std::string(uds::kVersion) + "\n");
  for (const Verb& verb : kVerbs)
    if (verb.name == options->verb) return verb.run(*options);
  udsctl::complain(options->verb.empty()
                       ? "say what to do, such as udsctl ping; see udsctl --help"
                       : "there is no verb " + options->verb + "; see udsctl --help");
  return Exit::Usage;
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  return static_cast<int>(run(argc, argv));
}
