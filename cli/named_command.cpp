// Body of named_command.hpp.
#include "named_command.hpp"

#include "argument_schema.hpp"
#include "call_arguments.hpp"
#include "command_usage.hpp"
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
  const Exit unwritten = passes_status(options.verb) ? Exit::Failed : Exit::Io;
  if (command == "--help") return print(help_of(*find_verb(options.verb)), unwritten);
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
    return print(usage_of(described->data(), options.verb), unwritten);

  const bool declared = member(described->data(), "detachable") != nullptr;
  Exit wrong = Exit::Usage;
  const auto read = [&](const std::string& path) {
    auto content = read_file(path, conversation.connection().interrupt_descriptor());
    if (!content) wrong = unwritten;
    // No value of a declared command has a line end, and most files end with one.
    if (content && declared && content->ends_with('\n')) content->pop_back();
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
  // can-i is asked what may be, not told what is missing.
  if (options.verb != "can-i")
    if (const std::string secret = missing_secret(rules, *arguments); !secret.empty())
      return conversation.finish(fail(Exit::Usage, advice_for_secret(secret)));
  const Json* descriptors = member(described->data(), "descriptors");
  const Json* least = descriptors == nullptr ? nullptr : member(*descriptors, "min");
  return NamedCommand{command, *std::move(arguments), descriptors != nullptr,
                      least != nullptr && *least != Json(0), declared};
}

}  // namespace udsctl
