// echo: answers the arguments it was given. For trying out clients and quoting.
#include "commands/commands.hpp"

namespace udsd {

uds::Command describe_echo() {
  uds::Command command("echo");
  command.summary("Answer with the arguments of the request").any_args();
  return command;
}

uds::Response echo(uds::Call& call) {
  return uds::Response::ok("echo", call.take_args());
}

}  // namespace udsd
