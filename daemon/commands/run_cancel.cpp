// run.cancel and run.detach: what somebody who is not, or no longer, its caller does to a run.
#include <array>
#include <csignal>
#include <utility>

#include "commands/commands.hpp"
#include "runs/visible_run.hpp"

namespace udsd {
namespace {

struct Signal {
  const char* name;
  int number;
};
constexpr std::array kSignals{Signal{"TERM", SIGTERM}, Signal{"INT", SIGINT},
                              Signal{"HUP", SIGHUP},   Signal{"QUIT", SIGQUIT},
                              Signal{"USR1", SIGUSR1}, Signal{"USR2", SIGUSR2},
                              Signal{"KILL", SIGKILL}};

int number_of(const std::string& name) {
  for (const Signal& each : kSignals)
    if (name == each.name) return each.number;
  return SIGTERM;
}

std::vector<uds::Json> signal_names() {
  std::vector<uds::Json> names;
  names.reserve(kSignals.size());
  for (const Signal& each : kSignals) names.emplace_back(each.name);
  return names;
}

using RunOrError = uds::Result<std::shared_ptr<LiveRun>, uds::Response>;

/// The run that `call` may end, or the ERROR.
uds::Task<RunOrError> run_to_end(Control& control, const uds::Call& call) {
  const auto name = call.args().at("run").get<std::string>();
  const auto facts = visible_run(call, control.catalog(), control.runs().store(), name);
  if (!facts) co_return no_such_run();
  if (!may_end(call, *facts)) {
    uds::Json details = uds::Json::object();
    details["rule"] = "own runs, admin";
    co_return uds::Response::error(uds::Code::PermissionDenied,
                                   "you may watch this run, but neither end nor detach it",
                                   std::move(details));
  }
  std::shared_ptr<LiveRun> run = co_await control.runs().find_or_adopt(name);
  if (run) co_return run;
  co_return uds::Response::error(uds::Code::NotFound, "the run has ended");
}

}  // namespace

uds::Command describe_run_cancel() {
  uds::Command command("run.cancel");
  command.summary("End a run: a signal to all of it, and SIGKILL after its grace");
  command.arg("run", uds::schema::string().required().summary("its name"));
  command.arg("signal",
              uds::schema::string().one_of(signal_names()).fallback("TERM").summary("the first"));
  return command;
}

uds::Task<uds::Response> run_cancel(Control& control, uds::Call& call) {
  const RunOrError run = co_await run_to_end(control, call);
  if (!run) co_return run.error();
  using exec_messages::Cancel;
  const bool own = call.peer().uid == (*run)->traits().caller;
  const bool told =
      (*run)->cancel(own ? Cancel::Reason::Request : Cancel::Reason::Administrator,
                     number_of(call.args().at("signal").get<std::string>()), call.peer().uid);
  if (!told)
    co_return uds::Response::error(uds::Code::Busy,
                                   "the run could not be told; try again, or see run.show");
  co_return uds::Response::ok("told", nullptr);
}

uds::Command describe_run_detach() {
  uds::Command command("run.detach");
  command.summary("Let a run go on when its caller leaves");
  command.arg("run", uds::schema::string().required().summary("its name"));
  return command;
}

uds::Task<uds::Response> run_detach(Control& control, uds::Call& call) {
  const RunOrError run = co_await run_to_end(control, call);
  if (!run) co_return run.error();
  (*run)->detach();
  co_return uds::Response::ok("the run goes on by itself", nullptr);
}

}  // namespace udsd
