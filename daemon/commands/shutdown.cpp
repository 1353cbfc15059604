// shutdown: ends the daemon, after what runs or at once.
#include <string>

#include "commands/commands.hpp"

namespace udsd {

uds::Command describe_shutdown() {
  uds::Command command("shutdown");
  command.summary("End the daemon: drain lets running requests finish, now does not")
      .access(uds::Access::admins())
      .arg(
          "mode",
          uds::schema::string().summary("drain or now").one_of({"drain", "now"}).fallback("drain"));
  return command;
}

uds::Response shut_down(Control& control, uds::Call& call) {
  const bool now = call.args().at("mode") == "now";
  control.shut_down(now);
  return uds::Response::ok(now ? "stopping" : "draining", nullptr);
}

}  // namespace udsd
