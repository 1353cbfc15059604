// udsctl events: follows what happens in the daemon, over restarts of it, until it is interrupted.
//
// What happened while there was no connection is not known, and said to be so.
#include "conversation.hpp"
#include "output.hpp"
#include "verbs/verbs.hpp"

#include <chrono>

namespace udsctl {
namespace {

using Clock = std::chrono::steady_clock;

/// A server that drops everybody at once is not asked ten times a second.
constexpr std::chrono::milliseconds kShort{5'000};

}  // namespace

Exit events(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  Options lines = options;
  // Each event stays visible, on a terminal too.
  if (lines.format == Format::Automatic) lines.format = Format::Lines;
  Conversation conversation(lines);
  if (const Exit status = conversation.connect(); status != Exit::Ok) return status;
  conversation.expect_loss();
  Pauses pauses;
  for (;;) {
    const auto request = conversation.read(R"({"cmd":"events"})");
    if (!request) return Exit::NotARequest;
    const auto begin = Clock::now();
    const Exit status = conversation.ask(*request);
    if (Clock::now() - begin > kShort) pauses.restart();
    if (!conversation.server_gone()) return conversation.finish(status);
    complain("connection lost; connecting again");
    const Exit again = conversation.connect_again(pauses, Clock::time_point::max());
    if (again != Exit::Ok) return conversation.finish(again);
    complain("connected again; events in between are not known");
  }
}

}  // namespace udsctl
