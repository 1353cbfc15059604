// The one registration table. A command that is not named here does not exist.
#include "commands/commands.hpp"

#include "uds/asio.hpp"

namespace udsd {

namespace {

using Administrative = uds::Response (*)(Control&, uds::Call&);

uds::Handler bind(Administrative command, Control& control) {
  return [command, &control](uds::Call& call) { return command(control, call); };
}

}  // namespace

void register_commands(uds::Router& router, Control& control) {
  router.add(describe_echo(), echo);
  router.add(describe_countdown(), countdown);
  router.add(describe_message(), acknowledge_message);
  router.add(describe_connections(), bind(connections, control));
  router.add(describe_events(), [&control](uds::Call& call) { return events(control, call); });
  router.add(describe_stats(), bind(stats, control));
  router.add(describe_log_level(), bind(log_level, control));
  router.add(describe_reload(), bind(reload, control));
  router.add(describe_shutdown(), bind(shut_down, control));
}

}  // namespace udsd
