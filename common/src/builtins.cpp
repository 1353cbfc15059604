// Bodies of builtins.hpp.
#include "builtins.hpp"

#include <ctime>
#include <utility>

#include "uds/version.hpp"

namespace uds::detail {

namespace {

/// RFC 3339, UTC, whole seconds.
std::string timestamp(std::chrono::system_clock::time_point at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[sizeof "2000-01-01T00:00:00Z"];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Json describe(const Limits& limits) {
  Json out = Json::object();
  out["message_bytes"] = limits.message_bytes;
  out["json_depth"] = limits.json_depth;
  out["json_values"] = limits.json_values;
  out["connections"] = limits.connections;
  out["connections_per_uid"] = limits.connections_per_uid;
  out["requests_in_flight"] = limits.requests_in_flight;
  out["requests_in_flight_per_uid"] = limits.requests_in_flight_per_uid;
  out["queued_bytes"] = limits.queued_bytes;
  out["buffered_bytes_per_uid"] = limits.buffered_bytes_per_uid;
  out["buffered_bytes"] = limits.buffered_bytes;
  out["descriptors_per_uid"] = limits.descriptors_per_uid;
  out["frames_per_turn"] = limits.frames_per_turn;
  out["partial_message_ms"] = limits.partial_message.count();
  out["stalled_reader_ms"] = limits.stalled_reader.count();
  out["drain_ms"] = limits.drain.count();
  return out;
}

Json describe(const Peer& peer, bool admin) {
  Json out = Json::object();
  out["uid"] = peer.uid;
  out["gid"] = peer.gid;
  out["groups"] = peer.groups;
  out["pid"] = peer.pid;
  out["admin"] = admin;
  return out;
}

[[gnu::hot]] Response ping(Call&) {
  return Response::ok("pong", nullptr);
}

Response hello(const ServerCore& core, const Call& call) {
  Json data = Json::object();
  data["program"] = core.program;
  data["version"] = core.program_version;
  data["libuds"] = kVersion;
  data["protocol"] = kProtocol;
  data["features"] = Json::array();
  if (core.router.accepts_descriptors(call.peer())) data["features"].push_back("descriptors");
  data["instance"] = core.instance;
  data["started"] = timestamp(core.started);
  data["limits"] = describe(core.limits);
  data["caller"] = describe(call.peer(), call.admin());
  return Response::ok(core.program + " " + core.program_version, std::move(data));
}

Response help(const Router& router, const Call& call) {
  if (!call.args().contains("command")) {
    Json data = Json::object();
    data["commands"] = router.list(call.peer());
    return Response::ok("the commands you may use", std::move(data));
  }
  const auto& name = call.args()["command"].get_ref<const std::string&>();
  const Router::Entry* entry = router.find(name);
  if (!entry) return router.unknown(name, call.peer());
  if (const Access& access = entry->command.access(); !access.allows(call.peer(), call.admin()))
    return access.hidden_from(call.peer(), call.admin()) ? router.unknown(name, call.peer())
                                                         : Router::denied(entry->command);
  return Response::ok(entry->command.summary(), entry->command.describe());
}

Response not_in_flight() {
  return Response::error(Code::NotFound, "no request with this id is in flight there");
}

Response cancel(const ServerCore& core, Call& call) {
  const Json& args = call.args();
  const auto id = RequestId::from_json(args["id"]);
  if (!id || !id->present()) return not_in_flight();
  if (!args.contains("connection")) {
    if (!call.cancel(*id)) return not_in_flight();
  } else {
    // To others, a connection that is not theirs does not exist.
    if (!call.admin() || !core.cancel(args["connection"].get<std::uint64_t>(), *id))
      return not_in_flight();
  }
  return Response::ok("told", nullptr);
}

}  // namespace

void add_builtins(ServerCore& core) {
  core.router.add(Command("ping").summary("Answer pong").exempt_from_limit(), ping);
  core.router.add(Command("hello")
                      .summary("Say what this server is, and who the caller is")
                      .exempt_from_limit(),
                  [&core](Call& call) { return hello(core, call); });
  core.router.add(Command("help")
                      .summary("List the commands you may use, or describe one")
                      .arg("command", schema::string().summary("the command to describe")),
                  [&router = core.router](Call& call) { return help(router, call); });
  core.router.add(Command("cancel")
                      .summary("Cancel a request of this connection; administrators: of any")
                      .arg("id", schema::any().required().summary("the id of the request"))
                      .arg("connection", schema::integer().minimum(1).summary(
                                             "its number, as connections tells it"))
                      .exempt_from_limit(),
                  [&core](Call& call) { return cancel(core, call); });
}

}  // namespace uds::detail
