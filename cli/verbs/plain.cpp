// udsctl ping, hello and reload: commands that take no arguments and are answered at once.
#include "conversation.hpp"
#include "output.hpp"
#include "verbs.hpp"

#include <string>

namespace udsctl {
namespace {

Exit ask(const Options& options) {
  if (!options.arguments.empty()) {
    complain(options.verb + " takes no argument; see udsctl --help");
    return Exit::Usage;
  }
  Conversation conversation(options);
  const auto request = conversation.read(R"({"cmd":")" + options.verb + R"("})");
  return request ? conversation.ask(*request) : Exit::NotARequest;
}

}  // namespace

Exit ping(const Options& options) {
  return ask(options);
}

Exit hello(const Options& options) {
  return ask(options);
}

Exit reload(const Options& options) {
  return ask(options);
}

}  // namespace udsctl
