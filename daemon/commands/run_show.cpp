// run.show: all that is known of one run.
#include <utility>

#include "commands/commands.hpp"
#include "commands/run_summary.hpp"
#include "runs/visible_run.hpp"

namespace udsd {

uds::Command describe_run_show() {
  uds::Command command("run.show");
  command.summary("Show one run");
  command.arg("run", uds::schema::string().required().summary("its name"));
  return command;
}

uds::Response run_show(Control& control, uds::Call& call) {
  const RunStore& store = control.runs().store();
  const auto name = call.args().at("run").get<std::string>();
  const auto facts = visible_run(call, control.catalog(), store, name);
  if (!facts) return no_such_run();
  const auto result = store.result(name);
  const auto live = control.runs().find(name);
  const RunPresence presence{live && live->waiting(), live || store.watched(name)};
  return uds::Response::ok(facts->command, details_of(*facts, result, presence));
}

}  // namespace udsd
