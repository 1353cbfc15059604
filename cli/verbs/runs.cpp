// udsctl runs, show, wait, cancel, audit: what was run, what runs, and its end.
#include "conversation.hpp"
#include "json_members.hpp"
#include "named_command.hpp"
#include "output.hpp"
#include "runs/run_exit.hpp"
#include "runs/run_id.hpp"
#include "runs/run_sheets.hpp"
#include "runs/run_tables.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace udsctl {
namespace {

using std::chrono::milliseconds;
using uds::Json;
using Clock = std::chrono::steady_clock;

/// More than a list holds by default.
constexpr std::uint64_t kAllRuns = 10'000;

milliseconds since_epoch() {
  return std::chrono::duration_cast<milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

std::string table_of_runs_now(const Json& data) {
  return table_of_runs(data, since_epoch());
}

std::string sheet_of_run_now(const Json& data) {
  return sheet_of_run(data, since_epoch());
}

/// Whether one run, and nothing else, is named behind the verb.
bool names_one_run(const Options& options) {
  return options.arguments.size() == 1 && are_run_ids(options);
}

/// The first status that is not 0, in the order of the answer.
Exit exit_of_runs(const Json& data) {
  if (const Json* runs = member(data, "runs"); runs != nullptr && runs->is_array())
    for (const Json& run : *runs)
      if (const Exit status = exit_of_run(run); status != Exit::Ok) return status;
  return Exit::Ok;
}

/// The answer, over restarts of the daemon.
uds::Result<uds::Response, Exit> wait_for(Conversation& conversation, const std::string& request) {
  if (const Exit status = conversation.connect(); status != Exit::Ok) return status;
  conversation.expect_loss();
  Pauses pauses;
  for (;;) {
    auto answer = conversation.query(request);
    if (answer || !conversation.server_gone()) return answer;
    const Exit again = conversation.connect_again(pauses, Clock::now() + kPatienceForRestart);
    if (again == Exit::NoDaemon)
      return fail(Exit::Failed, "the daemon does not come back; wait once more when it has");
    if (again != Exit::Ok) return again;
  }
}

}  // namespace

Exit runs(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  if (options.all && options.running)
    return fail(Exit::Usage, "--all and --running exclude each other; give one of them");
  Json arguments = Json::object();
  if (options.running) arguments["state"] = "running";
  if (options.all) arguments["limit"] = kAllRuns;
  if (!options.command.empty()) arguments["command"] = options.command;
  Conversation conversation(options);
  return conversation.present(request_for("run.list", std::move(arguments)), table_of_runs_now);
}

Exit show(const Options& options) {
  if (!names_one_run(options)) return wants_a_run(options);
  Json arguments = Json::object();
  arguments["run"] = options.arguments.front();
  Conversation conversation(options);
  return conversation.present(request_for("run.show", std::move(arguments)), sheet_of_run_now);
}

Exit cancel(const Options& options) {
  if (!names_one_run(options)) return wants_a_run(options);
  Json arguments = Json::object();
  arguments["run"] = options.arguments.front();
  if (!options.signal.empty()) arguments["signal"] = options.signal;
  Conversation conversation(options);
  return conversation.ask_once(request_for("run.cancel", std::move(arguments)));
}

Exit wait(const Options& options) {
  if (!are_run_ids(options)) return wants_a_run(options);
  Json arguments = Json::object();
  arguments["runs"] = options.arguments;
  arguments["any"] = options.any;
  Conversation conversation(options);
  const auto answer = wait_for(conversation, request_for("run.wait", std::move(arguments)));
  if (!answer) return conversation.finish(answer.error());
  const Exit shown = conversation.shows_lines()
                         ? conversation.show(*answer)
                         : print(table_of_runs_now(answer->data()), Exit::Failed);
  return conversation.finish(shown == Exit::Ok ? exit_of_runs(answer->data()) : shown);
}

Exit audit(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  if (!options.run.empty() && !is_run_id(options.run))
    return fail(Exit::Usage, "--run needs the id of a run; udsctl runs shows them");
  Json arguments = Json::object();
  if (options.since)
    arguments["since_ms"] = std::max(since_epoch() - *options.since, milliseconds(0)).count();
  if (!options.caller.empty()) arguments["user"] = options.caller;
  if (!options.command.empty()) arguments["command"] = options.command;
  if (!options.run.empty()) arguments["run"] = options.run;
  const std::string request = request_for("audit", std::move(arguments));
  Conversation conversation(options);
  if (conversation.shows_lines()) return conversation.ask_once(request);
  std::vector<Json> records;
  const auto answer = conversation.query(
      request, [&records](const uds::Response& response) { records.push_back(response.data()); });
  return answer ? print(table_of_records(records)) : answer.error();
}

}  // namespace udsctl
