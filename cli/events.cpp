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

/// Tries until there is a connection again, or a reason not to try any more.
Exit connect_again(Conversation& conversation) {
  for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    if (conversation.rest(pause) == Exit::Interrupted) return Exit::Interrupted;
    const auto connected = conversation.reconnect();
    if (!connected) return Exit::Ok;
    if (*connected != Exit::NoDaemon && *connected != Exit::Timeout) return *connected;
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
  for (;;) {
    const auto request = conversation.read(R"({"cmd":"events"})");
    if (!request) return Exit::NotARequest;
    const Exit status = conversation.ask(*request);
    if (!conversation.server_gone()) return status;
    complain("connection lost; connecting again");
    if (const Exit again = connect_again(conversation); again != Exit::Ok) return again;
    complain("connected again; events in between are not known");
  }
}

}  // namespace udsctl
