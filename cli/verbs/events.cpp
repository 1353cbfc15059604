// udsctl events: follows what happens in the daemon, over restarts of it, until it is interrupted.
//
// What happened while there was no connection is not known, and said to be so.
#include "conversation.hpp"
#include "output.hpp"
#include "verbs.hpp"

#include <algorithm>
#include <chrono>

namespace udsctl {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};

/// Tries until there is a connection again, or a reason not to try any more. `pause` grows.
Exit connect_again(Conversation& conversation, std::chrono::milliseconds& pause) {
  for (;;) {
    if (conversation.rest(pause) == Exit::Interrupted) return Exit::Interrupted;
    pause = std::min(2 * pause, kLongestPause);
    const auto failed = conversation.reconnect();
    if (!failed) return Exit::Ok;
    if (*failed != Exit::NoDaemon && *failed != Exit::Timeout) return *failed;
  }
}

}  // namespace

Exit events(const Options& options) {
  if (!options.arguments.empty()) {
    complain("events takes no argument; see udsctl --help");
    return Exit::Usage;
  }
  Options lines = options;
  lines.json = true;  // each event stays visible, on a terminal too
  Conversation conversation(lines);
  if (const Exit status = conversation.connect(); status != Exit::Ok) return status;
  conversation.expect_loss();
  auto pause = kFirstPause;
  for (;;) {
    const auto request = conversation.read(R"({"cmd":"events"})");
    if (!request) return Exit::NotARequest;
    const auto begin = std::chrono::steady_clock::now();
    const Exit status = conversation.ask(*request);
    // A server that drops everybody at once is not asked ten times a second.
    if (std::chrono::steady_clock::now() - begin > kLongestPause) pause = kFirstPause;
    if (!conversation.server_gone()) return status;
    complain("connection lost; connecting again");
    if (const Exit again = connect_again(conversation, pause); again != Exit::Ok) return again;
    complain("connected again; events in between are not known");
  }
}

}  // namespace udsctl
