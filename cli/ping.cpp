// udsctl ping.
#include "conversation.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace udsctl {

Exit ping(const Options& options) {
  if (!options.arguments.empty()) {
    complain("ping takes no argument; see udsctl --help");
    return Exit::Usage;
  }
  Conversation conversation(options);
  const auto request = conversation.read(R"({"cmd":"ping"})");
  return request ? conversation.ask(*request) : Exit::NotARequest;
}

}  // namespace udsctl
