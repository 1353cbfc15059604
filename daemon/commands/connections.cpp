// connections: who is connected, and which of their requests run. Administrators see everybody,
// others their own user's connections.
#include <utility>

#include "commands/commands.hpp"

namespace udsd {
namespace {

uds::Json describe(const uds::RequestInfo& request) {
  uds::Json out = uds::Json::object();
  out["id"] = request.id.to_json();
  out["command"] = request.command;
  out["age_ms"] = request.age.count();
  return out;
}

}  // namespace

uds::Command describe_connections() {
  uds::Command command("connections");
  command.summary("List open connections: administrators see all, others their own");
  return command;
}

uds::Response connections(Control& control, uds::Call& call) {
  uds::Json list = uds::Json::array();
  for (const uds::ConnectionInfo& info : control.server().list_connections()) {
    if (!call.admin() && info.peer.uid != call.peer().uid) continue;
    uds::Json entry = uds::Json::object();
    entry["connection"] = info.number;
    entry["uid"] = info.peer.uid;
    entry["gid"] = info.peer.gid;
    entry["pid"] = info.peer.pid;
    entry["age_ms"] = info.age.count();
    entry["requests_in_flight"] = info.requests_in_flight;
    entry["queued_bytes"] = info.queued_bytes;
    entry["requests"] = uds::Json::array();
    for (const uds::RequestInfo& request : info.requests)
      entry["requests"].push_back(describe(request));
    list.push_back(std::move(entry));
  }
  uds::Json data = uds::Json::object();
  data["connections"] = std::move(list);
  return uds::Response::ok("open connections", std::move(data));
}

}  // namespace udsd
