// run.attach: follows a run from an event on, to its end. Whoever started it holds it by that, too.
#include <cstdint>
#include <optional>
#include <utility>

#include "commands/commands.hpp"
#include "runs/follow_run.hpp"
#include "runs/visible_run.hpp"
#include "uds/asio.hpp"

namespace udsd {

uds::Command describe_run_attach() {
  uds::Command command("run.attach");
  command.summary("Follow a run, from its beginning or from an event on").streaming();
  command.arg("run", uds::schema::string().required().summary("its name"));
  command.arg("from", uds::schema::integer().minimum(1).fallback(1).summary(
                          "the number of the first event to send"));
  return command;
}

uds::Task<uds::Response> run_attach(Control& control, uds::Call& call) {
  RunTable& table = control.runs();
  const auto name = call.args().at("run").get<std::string>();
  const auto from = call.args().at("from").get<std::uint64_t>();
  const auto facts = visible_run(call, control.catalog(), table.store(), name);
  if (!facts) co_return no_such_run();
  const std::shared_ptr<LiveRun> run = co_await table.find_or_adopt(name);
  std::optional<RunHold> hold;
  if (run && facts->caller == call.peer().uid) hold.emplace(run);
  uds::Response response = co_await follow_run(call, table, run, name, from);
  if (hold && (run->over() || table.closed())) hold->done();
  co_return response;
}

}  // namespace udsd
