// log-level: tells the log level, or sets it until the next reload.
#include <string>
#include <utility>

#include "commands/commands.hpp"
#include "log.hpp"

namespace udsd {

uds::Command describe_log_level() {
  uds::Command command("log-level");
  command.summary("Tell the log level, or set it until the next reload")
      .access(uds::Access::admins())
      .arg("level", uds::schema::string()
                        .summary("The level to set; without it nothing changes")
                        .one_of({"trace", "debug", "info", "warn", "error", "off"}));
  return command;
}

uds::Response log_level(Control& control, uds::Call& call) {
  if (call.args().contains("level")) {
    const auto& name = call.args().at("level").get_ref<const std::string&>();
    if (const auto level = parse_log_level(name)) control.set_log_level(*level);
  }
  const std::string name(to_string(control.log_level()));
  uds::Json data = uds::Json::object();
  data["level"] = name;
  return uds::Response::ok("the log level is " + name, std::move(data));
}

}  // namespace udsd
