// The one registration table. A command that is not named here does not exist.
#include "commands/commands.hpp"

#include "uds/asio.hpp"

namespace udsd {

void register_commands(uds::Router& router) {
  router.add(describe_echo(), echo);
  router.add(describe_countdown(), countdown);
  router.add(describe_message(), acknowledge_message);
}

}  // namespace udsd
