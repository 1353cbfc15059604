// run.wait: completes when all of some runs have ended, or the first of them.
#include <algorithm>
#include <utility>
#include <vector>

#include "commands/commands.hpp"
#include "commands/run_summary.hpp"
#include "runs/follow_run.hpp"
#include "runs/visible_run.hpp"
#include "uds/asio.hpp"

namespace udsd {
namespace {

constexpr std::size_t kMostAwaited = 64;

}  // namespace

uds::Command describe_run_wait() {
  uds::Command command("run.wait");
  command.summary("Wait until runs have ended");
  command.arg("runs", uds::schema::array()
                          .items(uds::schema::string())
                          .min_items(1)
                          .max_items(kMostAwaited)
                          .required()
                          .summary("their names"));
  command.arg("any", uds::schema::boolean().fallback(false).summary("the first of them is enough"));
  return command;
}

uds::Task<uds::Response> run_wait(Control& control, uds::Call& call) {
  RunTable& table = control.runs();
  auto names = call.args().at("runs").get<std::vector<std::string>>();
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const bool any = call.args().at("any").get<bool>();
  for (const std::string& name : names) {
    if (!visible_run(call, control.catalog(), table.store(), name)) co_return no_such_run();
    static_cast<void>(co_await table.find_or_adopt(name));
  }
  const auto goes_on = [&table](const std::string& name) { return table.find(name) != nullptr; };
  for (;;) {
    const std::uint64_t seen = table.endings().count();
    const bool some = std::ranges::any_of(names, goes_on);
    const bool every = std::ranges::all_of(names, goes_on);
    if (any ? !every : !some) break;
    if (table.closed()) co_return stopping_response(names.front());
    co_await table.endings().wait(seen);
  }
  uds::Json list = uds::Json::array();
  for (const std::string& name : names) {
    const auto facts = table.store().facts(name);
    if (!facts) co_return no_such_run();
    const auto live = table.find(name);
    const RunPresence presence{live && live->waiting(), live || table.store().watched(name)};
    list.push_back(summary_of(*facts, table.store().result(name), presence));
  }
  uds::Json data = uds::Json::object();
  data["runs"] = std::move(list);
  co_return uds::Response::ok("ended", std::move(data));
}

}  // namespace udsd
