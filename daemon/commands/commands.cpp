// The one registration table. A command that is not named here does not exist.
#include "commands/commands.hpp"

#include "uds/asio.hpp"

namespace udsd {

namespace {

using Administrative = uds::Response (*)(Control&, uds::Call&);

uds::Handler bind(Administrative command, Control& control) {
  return [command, &control](uds::Call& call) { return command(control, call); };
}

using AdministrativeTask = uds::Task<uds::Response> (*)(Control&, uds::Call&);

uds::Handler bind(AdministrativeTask command, Control& control) {
  return [command, &control](uds::Call& call) { return command(control, call); };
}

}  // namespace

void register_commands(uds::Router& router, Control& control) {
  router.add(describe_echo(), echo);
  router.add(describe_countdown(), countdown);
  router.add(describe_message(), acknowledge_message);
  router.add(describe_connections(), bind(connections, control));
  router.add(describe_events(), bind(events, control));
  router.add(describe_stats(), bind(stats, control));
  router.add(describe_log_level(), bind(log_level, control));
  router.add(describe_reload(), bind(reload, control));
  router.add(describe_shutdown(), bind(shut_down, control));
  router.add(describe_run_list(), bind(run_list, control));
  router.add(describe_run_show(), bind(run_show, control));
  router.add(describe_run_attach(), bind(run_attach, control));
  router.add(describe_run_wait(), bind(run_wait, control));
  router.add(describe_run_cancel(), bind(run_cancel, control));
  router.add(describe_run_detach(), bind(run_detach, control));
  router.add(describe_can_i(), bind(can_i, control));
  router.add(describe_explain(), bind(explain, control));
  router.add(describe_audit(), bind(audit, control));
}

}  // namespace udsd
