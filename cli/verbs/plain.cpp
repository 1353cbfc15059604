// Verbs that are one command of the daemon with at most one argument, answered at once: ping,
// hello, reload, log-level and shutdown.
#include "conversation.hpp"
#include "output.hpp"
#include "verbs/verbs.hpp"

#include "uds/json.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace udsctl {
namespace {

Exit ask(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  Conversation conversation(options);
  return conversation.ask_once(R"({"cmd":")" + options.verb + R"("})");
}

/// The same with what stands behind the verb as the argument `name`.
Exit ask_with(const Options& options, std::string_view name) {
  if (options.arguments.size() > 1)
    return fail(Exit::Usage,
                options.verb + " takes one " + std::string(name) + " at most; see udsctl --help");
  uds::Json request = uds::Json::object();
  request["cmd"] = options.verb;
  for (const std::string& value : options.arguments) {
    uds::Json arguments = uds::Json::object();
    arguments[std::string(name)] = value;
    request["args"] = std::move(arguments);
  }
  Conversation conversation(options);
  return conversation.ask_once(uds::to_json_text(request));
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

Exit log_level(const Options& options) {
  return ask_with(options, "level");
}

Exit shut_down(const Options& options) {
  return ask_with(options, "mode");
}

Exit takes_no_argument(const Options& options) {
  return fail(Exit::Usage, options.verb + " takes no argument; see udsctl --help");
}

}  // namespace udsctl
