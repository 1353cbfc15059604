// udsctl call, list, describe: commands by their names, with what the daemon itself says of them.
#include "call_arguments.hpp"
#include "conversation.hpp"
#include "layout.hpp"
#include "output.hpp"
#include "read_file.hpp"
#include "verbs/verbs.hpp"
#include "visible_text.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace udsctl {
namespace {

using uds::Json;

std::string request_for(const std::string& command, Json arguments) {
  Json request = Json::object();
  request["cmd"] = command;
  request["args"] = std::move(arguments);
  return uds::to_json_text(request);
}

std::string help_for(const std::string& command) {
  Json arguments = Json::object();
  arguments["command"] = command;
  return request_for("help", std::move(arguments));
}

/// The answer to a `help` request: for a program as it comes, for a person what `lay_out` makes of
/// its data.
Exit show_help(const Options& options, const std::string& request,
               std::string (*lay_out)(const Json& data)) {
  Conversation conversation(options);
  if (conversation.shows_lines()) return conversation.ask_once(request);
  const auto answer = conversation.query(request);
  return answer ? print(lay_out(answer->data())) : answer.error();
}

std::string table_of(const Json& data) {
  Table table({});
  const auto commands = data.find("commands");
  if (commands != data.end() && commands->is_array())
    for (const Json& command : *commands)
      if (std::string name = visible_member(command, "name"); !name.empty())
        table.add({std::move(name), visible_member(command, "summary")});
  return table.text(false);
}

Exit wants_a_command(const std::string& verb) {
  return fail(Exit::Usage,
              verb + " needs the name of a command; udsctl list shows those you may use");
}

}  // namespace

Exit call(const Options& options) {
  if (options.arguments.empty()) return wants_a_command(options.verb);
  const std::string& command = options.arguments.front();
  if (command == "--help") return print(std::string(help_text()));
  const std::vector<std::string> words(options.arguments.begin() + 1, options.arguments.end());
  Conversation conversation(options);
  const auto described = conversation.query(help_for(command));
  if (!described) return conversation.finish(described.error());
  if (!words.empty() && words.front() == "--help") return print(usage_of(described->data()));

  Exit wrong = Exit::Usage;
  const auto read = [&](const std::string& path) {
    auto content = read_file(path, conversation.connection().interrupt_descriptor());
    if (!content) wrong = Exit::Io;
    return content;
  };
  const auto schema = described->data().find("args");
  auto arguments =
      read_arguments(schema == described->data().end() ? Json::object() : *schema, words, read);
  if (conversation.rest(std::chrono::milliseconds(0)) == Exit::Interrupted)
    return Exit::Interrupted;
  if (!arguments)
    return fail(wrong, arguments.error() + "; see udsctl call " + command + " --help");
  return conversation.ask_once(request_for(command, *std::move(arguments)));
}

Exit describe(const Options& options) {
  if (options.arguments.size() != 1) return wants_a_command(options.verb);
  return show_help(options, help_for(options.arguments.front()), usage_of);
}

Exit list(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  return show_help(options, request_for("help", Json::object()), table_of);
}

}  // namespace udsctl
