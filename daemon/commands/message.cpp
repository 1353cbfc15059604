// message: the request of the original clients, which has an id and a message but no cmd. It is
// acknowledged and not otherwise used; its text is never copied into the answer or the log.
#include "commands/commands.hpp"

namespace udsd {

uds::Command describe_message() {
  uds::Command command("message");
  command.summary("Acknowledge a request of the original clients, which has a message and no cmd");
  return command;
}

uds::Response acknowledge_message(uds::Call& /*call*/) {
  return uds::Response::ok("Roger that", nullptr);
}

}  // namespace udsd
