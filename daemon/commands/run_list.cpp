// run.list: runs that the caller may see, newest first.
//
// The files of runs are read on another thread: there may be thousands.
#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "commands/commands.hpp"
#include "commands/run_summary.hpp"
#include "uds/asio.hpp"

namespace udsd {
namespace {

constexpr std::int64_t kMostListed = 10'000;

/// What is asked for, and who asks.
struct Wanted {
  std::string command;
  bool running = true;
  bool ended = true;
  std::size_t limit = 0;
  bool admin = false;
  uid_t own = static_cast<uid_t>(-1);
  std::set<std::string> watchable;  ///< commands whose runs may be seen
  std::set<std::string> queued;     ///< runs that wait for their turn
};

/// Keeps of each run only what is told: there may be many, with large arguments.
uds::Json read_runs(const RunStore& store, const Wanted& wanted, const std::stop_token& stop) {
  uds::Json all = uds::Json::array();
  const auto names = store.list();
  if (!names) return all;
  for (const std::string& name : *names) {
    if (stop.stop_requested() || all.size() == wanted.limit) break;
    const auto facts = store.facts(name);
    if (!facts || (!wanted.command.empty() && facts->command != wanted.command)) continue;
    if (!wanted.admin && facts->caller != wanted.own && !wanted.watchable.contains(facts->command))
      continue;
    const auto result = store.result(name);
    const RunPresence presence{wanted.queued.contains(name), !result && store.watched(name)};
    if (presence.watched ? !wanted.running : !wanted.ended) continue;
    all.push_back(summary_of(*facts, result, presence));
  }
  return all;
}

}  // namespace

uds::Command describe_run_list() {
  uds::Command command("run.list");
  command.summary("List runs of declared commands: your own, and those you may watch");
  command.arg("state", uds::schema::string()
                           .one_of({"all", "running", "ended"})
                           .fallback("all")
                           .summary("running: those that go on, or wait for their turn"));
  command.arg("command", uds::schema::string().summary("only runs of this command"));
  command.arg("limit", uds::schema::integer()
                           .minimum(1)
                           .maximum(kMostListed)
                           .fallback(100)
                           .summary("how many at most, newest first"));
  return command;
}

uds::Task<uds::Response> run_list(Control& control, uds::Call& call) {
  Wanted wanted;
  wanted.command = call.args().value("command", std::string());
  const auto state = call.args().at("state").get<std::string>();
  wanted.running = state != "ended";
  wanted.ended = state != "running";
  wanted.limit = call.args().at("limit").get<std::size_t>();
  wanted.admin = call.admin();
  if (!uds::is_nobody(call.peer().uid)) wanted.own = call.peer().uid;
  wanted.watchable = control.catalog().watchable_by(call.peer(), call.admin());
  wanted.queued = control.runs().waiting();
  auto work = [store = control.runs().store(), wanted](std::stop_token stop) {
    return read_runs(store, wanted, stop);
  };
  uds::Json list = co_await uds::blocking(std::move(work));
  uds::Json data = uds::Json::object();
  data["runs"] = std::move(list);
  co_return uds::Response::ok("runs, newest first", std::move(data));
}

}  // namespace udsd
