// reload: reads the configuration again, all or nothing, and says what is wrong with it.
#include <utility>

#include "commands/commands.hpp"

namespace udsd {

uds::Command describe_reload() {
  uds::Command command("reload");
  command.summary("Read the configuration again; a wrong one changes nothing")
      .access(uds::Access::admins());
  return command;
}

uds::Response reload(Control& control, uds::Call& /*call*/) {
  const ConfigErrors errors = control.reload();
  if (errors.empty()) return uds::Response::ok("configuration reloaded", nullptr);
  uds::Json details = uds::Json::object();
  details["errors"] = errors;
  return uds::Response::error(uds::Code::CommandFailed,
                              "the configuration is wrong and the old one stays: " + errors.front(),
                              std::move(details));
}

}  // namespace udsd
