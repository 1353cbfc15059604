// udsctl call, list, describe: commands by their names, with what the daemon itself says of them.
#include "call_arguments.hpp"
#include "conversation.hpp"
#include "json_members.hpp"
#include "layout.hpp"
#include "named_command.hpp"
#include "output.hpp"
#include "verbs/verbs.hpp"

#include <string>
#include <utility>

namespace udsctl {
namespace {

using uds::Json;

std::string table_of(const Json& data) {
  Table table({});
  const auto commands = data.find("commands");
  if (commands != data.end() && commands->is_array())
    for (const Json& command : *commands)
      if (std::string name = visible_member(command, "name"); !name.empty())
        table.add({std::move(name), visible_member(command, "summary")});
  return table.text(false);
}

std::string usage_of_call(const Json& description) {
  return usage_of(description, "call");
}

}  // namespace

Exit call(const Options& options) {
  Conversation conversation(options);
  auto command = read_named_command(options, conversation);
  if (!command) return command.error();
  return conversation.ask_once(request_for(command->name, std::move(command->arguments)));
}

Exit describe(const Options& options) {
  if (options.arguments.size() != 1) return wants_a_command(options);
  Conversation conversation(options);
  return conversation.present(help_for(options.arguments.front()), usage_of_call);
}

Exit list(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  Conversation conversation(options);
  return conversation.present(request_for("help", Json::object()), table_of);
}

}  // namespace udsctl
