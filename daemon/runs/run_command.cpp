// Body of run_command.hpp.
#include "runs/run_command.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include "runs/follow_run.hpp"
#include "uds/asio.hpp"

namespace udsd {
namespace {

namespace asio = boost::asio;
using exec_messages::Cancel;
using uds::Ending;
using uds::Json;
using uds::Response;
using State = LiveRun::State;

Response unfit(const std::string& why) {
  Json details = Json::object();
  details["started"] = false;
  return Response::error(uds::Code::InvalidArgs, "the arguments do not fit: " + why,
                         std::move(details));
}

uds::Result<RunTable::Order, Response> make_order(std::shared_ptr<const Declaration> declared,
                                                  uds::Call& call) {
  RunTable::Order order;
  auto texts = declared->texts(call.args());
  if (!texts) return unfit(texts.error());
  order.start.arguments = *std::move(texts);
  order.start.command = declared->name;
  order.start.hash = declared->hash;
  order.start.request = uds::to_json_text(call.request().id.to_json());
  order.start.timeout = call.request().timeout;
  order.start.detach = call.request().detach;
  order.caller = call.peer().uid;
  order.declaration = std::move(declared);
  auto connection = call.duplicate_connection();
  if (!connection) return Response::error(uds::Code::Internal, connection.error().message());
  order.descriptors.add(*std::move(connection));
  if (uds::Fd input = call.take_fd()) order.descriptors.add(std::move(input));
  return order;
}

Response state_response(const LiveRun& run, const char* state) {
  Json data = Json::object();
  data["run"] = run.name();
  data["state"] = state;
  if (run.position() > 0) data["position"] = run.position();
  std::string message = state;
  if (run.position() > 0) message += ", position " + std::to_string(run.position());
  return Response::processing(std::move(message), std::move(data));
}

Response refused(const LiveRun& run) {
  const exec_messages::Refused& refusal = run.refusal();
  return refusal_response(refusal.code, refusal.message, refusal.rule);
}

/// The answer when udsd stops.
Response stopping(const LiveRun& run) {
  return run.waiting() ? stopping_before_start() : stopping_response(run.name());
}

/// Tells what becomes of `run` until its command has begun, or never will.
uds::Task<void> await_begin(uds::Call& call, RunTable& table, LiveRun& run) {
  std::size_t told = 0;
  while (!run.over() && run.state() != State::Running && !table.closed()) {
    const std::uint64_t seen = run.changes().count();
    if (run.state() == State::Queued && run.position() != told) {
      told = run.position();
      const Response queued = state_response(run, "queued");
      co_await call.processing(queued);
    }
    if (call.request().detach && !run.name().empty()) co_return;
    co_await run.changes().wait(seen);
  }
  if (run.state() == State::Refused || run.name().empty()) co_return;
  if (table.closed() && run.state() != State::Running) co_return;
  const Response started = state_response(run, "started");
  co_await call.processing(started);
}

uds::Task<Response> accompany(uds::Call& call, RunTable& table, std::shared_ptr<LiveRun> run) {
  co_await await_begin(call, table, *run);
  if (run->state() == State::Refused) co_return refused(*run);
  if (call.request().detach && !run->name().empty()) {
    Json data = Json::object();
    data["run"] = run->name();
    co_return Response::ok("the run goes on by itself", std::move(data));
  }
  if (table.closed() && !run->over() && run->state() != State::Running) co_return stopping(*run);
  co_return co_await follow_run(call, table, run, run->name(), 1);
}

uds::Task<void> await_end(RunTable& table, LiveRun& run) {
  while (!run.over() && !table.closed()) {
    const std::uint64_t seen = run.changes().count();
    co_await run.changes().wait(seen);
  }
}

}  // namespace

uds::Task<Response> run_command(RunTable& table, std::shared_ptr<const Declaration> declared,
                                uds::Call& call) {
  auto order = make_order(std::move(declared), call);
  if (!order) co_return std::move(order).error();
  auto started = table.start(*std::move(order));
  if (!started) co_return std::move(started).error();
  const std::shared_ptr<LiveRun> run = *started;
  std::optional<RunHold> hold;
  if (!call.request().detach) hold.emplace(run);
  try {
    Response response = co_await accompany(call, table, run);
    if (hold && (run->over() || table.closed())) hold->done();
    co_return response;
  } catch (const boost::system::system_error&) {
    if (call.ending() == Ending::None) throw;
  }
  if (call.ending() == Ending::PeerGone || call.ending() == Ending::ShuttingDown)
    co_return stopping(*run);

  co_await asio::this_coro::reset_cancellation_state();
  const bool late = call.ending() == Ending::Deadline;
  run->cancel(late ? Cancel::Reason::Deadline : Cancel::Reason::Request, SIGTERM, call.peer().uid);
  co_await await_end(table, *run);
  if (hold) hold->done();
  if (run->state() == State::Refused) co_return refused(*run);
  if (!run->over()) co_return stopping(*run);
  co_return response_of_ended(table.store(), run->name());
}

}  // namespace udsd
