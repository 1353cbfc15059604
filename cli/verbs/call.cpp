// udsctl call, list, describe, help: commands by their names, with what the daemon itself says of
// them.
#include "command_usage.hpp"
#include "conversation.hpp"
#include "help_text.hpp"
#include "json_members.hpp"
#include "layout.hpp"
#include "named_command.hpp"
#include "output.hpp"
#include "verbs/verbs.hpp"
#include "visible_text.hpp"

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

std::string usage_in_its_way(const Json& description) {
  return usage_of(description, member(description, "detachable") != nullptr ? "run" : "call");
}

/// Only an ERROR is shown, as a sentence.
Options for_text(const Options& options) {
  Options text = options;
  if (!text.json) text.format = Format::Nothing;
  return text;
}

}  // namespace

Exit call(const Options& options) {
  Conversation conversation(options);
  auto command = read_named_command(options, conversation);
  if (!command) return command.error();
  if (command->detachable && command->needs_descriptors)
    return conversation.finish(
        fail(Exit::Usage, visible(command->name) +
                              " reads standard input, which call does not pass on; udsctl run " +
                              visible(command->name) + " does"));
  return conversation.ask_once(request_for(command->name, std::move(command->arguments)));
}

Exit describe(const Options& options) {
  if (options.arguments.size() != 1) return wants_a_command(options);
  Conversation conversation(options);
  return conversation.present(help_for(options.arguments.front()), usage_in_its_way);
}

Exit help(const Options& options) {
  if (options.arguments.empty()) return print(help_text());
  if (options.arguments.size() > 1)
    return fail(
        Exit::Usage,
        "help takes the name of one verb or one command; udsctl help alone shows the verbs");
  const std::string& name = options.arguments.front();
  if (const VerbInfo* verb = find_verb(name)) return print(help_of(*verb));
  const Options text = for_text(options);
  Conversation conversation(text);
  if (text.json) return conversation.present(help_for(name), usage_in_its_way);
  const auto answer = conversation.query(help_for(name));
  return answer ? print(usage_in_its_way(answer->data())) : conversation.finish(answer.error());
}

Exit list(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  Conversation conversation(options);
  return conversation.present(request_for("help", Json::object()), table_of);
}

}  // namespace udsctl
