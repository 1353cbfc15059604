// udsctl call, list, describe: commands by their names, with what the daemon itself says of them.
#include "argument_schema.hpp"
#include "call_arguments.hpp"
#include "conversation.hpp"
#include "help_text.hpp"
#include "json_members.hpp"
#include "layout.hpp"
#include "output.hpp"
#include "read_file.hpp"
#include "verbs/verbs.hpp"
#include "visible_text.hpp"

#include <algorithm>
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

Exit wants_a_command(const Options& options) {
  return fail(Exit::Usage, options.verb +
                               (options.arguments.empty() ? " needs the name of a command"
                                                          : " takes the name of one command") +
                               "; udsctl list shows those you may use");
}

/// An option of udsctl among what belongs to the command.
bool is_own_option(const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const auto table = option_table();
  return std::any_of(table.begin(), table.end(),
                     [&name](const OptionInfo& info) { return info.name == name; });
}

constexpr const char* kWhereOptionsStand =
    "options of udsctl stand before call, as in udsctl --timeout 5s call countdown";

}  // namespace

Exit call(const Options& options) {
  if (options.arguments.empty()) return wants_a_command(options);
  const std::string& command = options.arguments.front();
  if (command == "--help") return print(std::string(help_text()));
  if (command.starts_with('-'))
    return fail(Exit::Usage,
                visible(command) + " is no command of a daemon; " + kWhereOptionsStand);
  const std::vector<std::string> words(options.arguments.begin() + 1, options.arguments.end());
  Conversation conversation(options);
  const auto described = conversation.query(help_for(command));
  if (!described) return conversation.finish(described.error());
  const auto schema = described->data().find("args");
  const Json rules = schema == described->data().end() ? Json::object() : *schema;
  if (std::find(words.begin(), words.end(), "--help") != words.end() &&
      property(&rules, "help") == nullptr)
    return print(usage_of(described->data()));

  Exit wrong = Exit::Usage;
  const auto read = [&](const std::string& path) {
    auto content = read_file(path, conversation.connection().interrupt_descriptor());
    if (!content) wrong = Exit::Io;
    return content;
  };
  auto arguments = read_arguments(rules, words, read);
  if (conversation.rest(std::chrono::milliseconds(0)) == Exit::Interrupted)
    return conversation.finish(Exit::Interrupted);
  if (!arguments) {
    const bool misplaced = std::any_of(words.begin(), words.end(), is_own_option);
    const std::string hint =
        misplaced ? kWhereOptionsStand : "see udsctl call " + command + " --help";
    return conversation.finish(
        fail(wrong, arguments.error() + (wrong == Exit::Io ? "" : "; " + hint)));
  }
  return conversation.ask_once(request_for(command, *std::move(arguments)));
}

Exit describe(const Options& options) {
  if (options.arguments.size() != 1) return wants_a_command(options);
  return show_help(options, help_for(options.arguments.front()), usage_of);
}

Exit list(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  return show_help(options, request_for("help", Json::object()), table_of);
}

}  // namespace udsctl
