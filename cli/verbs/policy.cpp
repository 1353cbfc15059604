// udsctl can-i and explain: whether a command may be run, and what it would execute. Nothing is
// run.
#include "conversation.hpp"
#include "json_members.hpp"
#include "named_command.hpp"
#include "output.hpp"
#include "runs/run_sheets.hpp"
#include "runs/run_tables.hpp"
#include "verbs/verbs.hpp"

#include <string>
#include <utility>

namespace udsctl {

Exit can_i(const Options& options) {
  if (options.arguments.empty()) return wants_a_command(options);
  Conversation conversation(options);
  uds::Json arguments = uds::Json::object();
  arguments["command"] = options.arguments.front();
  // A command that the caller may not know has no description, and the answer is no.
  if (options.arguments.size() > 1) {
    auto command = read_named_command(options, conversation);
    if (!command) return command.error();
    arguments["args"] = std::move(command->arguments);
  }
  if (!options.as.empty()) arguments["user"] = options.as;
  const auto answer = conversation.query(request_for("can-i", std::move(arguments)));
  if (!answer) return conversation.finish(answer.error());
  const uds::Json& data = answer->data();
  const Exit shown =
      conversation.shows_lines() ? conversation.show(*answer) : print(permission_of(data));
  const uds::Json* allowed = member(data, "allowed");
  const bool may = allowed != nullptr && *allowed == uds::Json(true);
  return conversation.finish(shown != Exit::Ok ? shown : may ? Exit::Ok : Exit::No);
}

Exit explain(const Options& options) {
  Conversation conversation(options);
  auto command = read_named_command(options, conversation);
  if (!command) return command.error();
  uds::Json arguments = uds::Json::object();
  arguments["command"] = std::move(command->name);
  arguments["args"] = std::move(command->arguments);
  return conversation.present(request_for("explain", std::move(arguments)), explanation_of);
}

}  // namespace udsctl
