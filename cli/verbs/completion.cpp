// udsctl completion and udsctl complete: the script for a shell, and what the scripts ask.
//
// complete runs at each Tab, in the middle of a line. So it says nothing but its answer, and waits
// for the daemon a moment only.
#include "completion/candidates.hpp"
#include "completion/completion_scripts.hpp"
#include "options.hpp"
#include "output.hpp"
#include "socket_choice.hpp"
#include "verbs/verbs.hpp"

#include "uds/client.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace udsctl {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// For connecting and the answer together.
constexpr milliseconds kBudget{200};

/// What the options on the line mean; the shell has not replaced a `~` yet.
uds::Result<Options, Refusal> read_options(const std::vector<std::string>& words) {
  std::vector<std::string> line{"udsctl"};
  const char* const home = std::getenv("HOME");
  for (const std::string& word : words)
    line.push_back(home != nullptr && word.starts_with("~/") ? home + word.substr(1) : word);
  std::vector<char*> argv;
  argv.reserve(line.size());
  for (std::string& word : line) argv.push_back(word.data());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

uds::Json ask_daemon(const std::vector<std::string>& words, uds::Request request) {
  const auto deadline = Clock::now() + kBudget;
  const auto options = read_options(words);
  if (!options) return {};
  const auto path = choose_socket(*options);
  if (!path) return {};
  uds::ClientOptions how;
  how.with_connect_timeout(kBudget);
  how.server_uids = options->server_uids;
  auto client = uds::BlockingClient::connect(*path, std::move(how));
  if (!client) return {};

  client->set_call_timeout(std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
  if (!client->send(std::move(request))) return {};
  for (;;) {
    const auto response = client->next();
    if (!response) return {};
    if (response->final()) return response->data();
  }
}

}  // namespace

Exit completion(const Options& options) {
  if (options.arguments.size() == 1)
    for (const CompletionScript& script : completion_scripts())
      if (script.shell == options.arguments.front()) return print(script.text);
  return fail(Exit::Usage, "completion takes the name of one shell: bash, zsh or fish");
}

Exit complete(const Options& options) {
  const Candidates found = candidates(options.arguments, ask_daemon);
  // Nobody is there to be told of a failure: the shell goes on without.
  [[maybe_unused]] const auto written = write_all(STDOUT_FILENO, to_lines(found));
  return Exit::Ok;
}

}  // namespace udsctl
