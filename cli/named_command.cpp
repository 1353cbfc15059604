// Body of named_command.hpp.
#include "named_command.hpp"

#include "argument_schema.hpp"
#include "call_arguments.hpp"
#include "help_text.hpp"
#include "json_members.hpp"
#include "output.hpp"
#include "read_file.hpp"
#include "visible_text.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace udsctl {
namespace {

using uds::Json;

/// An option of udsctl among what belongs to the command.
bool is_own_option(const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  const auto table = option_table();
  return std::any_of(table.begin(), table.end(),
                     [&name](const OptionInfo& info) { return info.name == name; });
}

std::string where_options_stand(const std::string& verb) {
  if (takes_command_with_words(verb))
    return "options of udsctl stand before the command, as in udsctl " + verb +
           " --timeout 5s countdown";
  return "options of udsctl stand before call, as in udsctl --timeout 5s call countdown";
}

}  // namespace

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

Exit wants_a_command(const Options& options) {
  return fail(Exit::Usage, options.verb +
                               (options.arguments.empty() ? " needs the name of a command"
                                                          : " takes the name of one command") +
                               "; udsctl list shows those you may use");
}

uds::Result<NamedCommand, Exit> read_named_command(const Options& options,
                                                   Conversation& conversation) {
  if (options.arguments.empty()) return wants_a_command(options);
  const std::string& command = options.arguments.front();
  if (command == "--help") return print(help_text());
  if (command.starts_with('-'))
    return fail(Exit::Usage, visible(command) + " is no command of a daemon; " +
                                 where_options_stand(options.verb));
  const std::vector<std::string> words(options.arguments.begin() + 1, options.arguments.end());
  const auto described = conversation.query(help_for(command));
  if (!described) return conversation.finish(described.error());
  const auto schema = described->data().find("args");
  const Json rules = schema == described->data().end() ? Json::object() : *schema;
  if (std::find(words.begin(), words.end(), "--help") != words.end() &&
      property(&rules, "help") == nullptr)
    return print(usage_of(described->data(), options.verb));

  Exit wrong = Exit::Usage;
  const auto read = [&](const std::string& path) {
    auto content = read_file(path, conversation.connection().interrupt_descriptor());
    if (!content) wrong = passes_status(options.verb) ? Exit::Failed : Exit::Io;
    return content;
  };
  auto arguments = read_arguments(rules, words, read);
  if (conversation.rest(std::chrono::milliseconds(0)) == Exit::Interrupted)
    return conversation.finish(Exit::Interrupted);
  if (!arguments) {
    const bool misplaced = std::any_of(words.begin(), words.end(), is_own_option);
    const std::string hint = misplaced ? where_options_stand(options.verb)
                                       : "see udsctl " + options.verb + " " + command + " --help";
    return conversation.finish(
        fail(wrong, arguments.error() + (wrong == Exit::Usage ? "; " + hint : "")));
  }
  return NamedCommand{command, *std::move(arguments),
                      member(described->data(), "descriptors") != nullptr,
                      member(described->data(), "detachable") != nullptr};
}

}  // namespace udsctl
