// Bodies of session_commands.hpp.
#include "session_commands.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>

#include "uds/asio.hpp"

namespace uds_fuzz {

namespace {

namespace asio = boost::asio;
using uds::Call;
using uds::Response;
using uds::Task;

/// The argument `name` between 0 and `most`: bounded, so that each input ends soon.
std::int64_t number(const Call& call, const char* name, std::int64_t most) {
  const auto found = call.args().find(name);
  if (found == call.args().end() || !found->is_number_integer()) return 0;
  return std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, most);
}

std::chrono::milliseconds pause_of(const Call& call) {
  return std::chrono::milliseconds(number(call, "ms", 2000));
}

Response echo(Call& call) {
  return Response::ok(call.args());
}

Response fail(Call& call) {
  if (number(call, "kind", 1) == 1) throw 1;
  throw std::runtime_error("failed as asked");
}

Task<Response> stream(Call& call) {
  const auto count = number(call, "n", 20);
  const std::string text(static_cast<std::size_t>(1 + number(call, "size", 2000)), 'x');
  const auto pause = pause_of(call);
  for (std::int64_t i = 0; i < count; ++i) {
    co_await call.processing(text);
    if (pause.count() > 0) co_await uds::sleep_for(pause);
  }
  co_return Response::ok();
}

Task<Response> fail_late(Call& call) {
  co_await call.progress(1, std::nullopt, "steps");
  co_await uds::sleep_for(pause_of(call));
  if (number(call, "kind", 1) == 1) throw 1;
  throw std::runtime_error("failed as asked");
}

/// Takes its time to clean up when it is cancelled, and says something that nobody is to hear.
Task<Response> stubborn(Call& call) {
  bool cancelled = false;
  try {
    co_await uds::sleep_for(std::chrono::seconds(10));
  } catch (const boost::system::system_error&) {
    cancelled = true;
  }
  if (!cancelled) co_return Response::ok();
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  co_await uds::sleep_for(pause_of(call));
  co_await call.processing("cleaning up");
  co_return Response::ok("cleaned up", nullptr);
}

/// Cancels itself, then returns or goes on.
Task<Response> suicidal(Call& call) {
  if (number(call, "late", 1) == 1) co_await uds::sleep_for(pause_of(call));
  static_cast<void>(call.cancel(call.request().id));
  if (number(call, "on", 1) == 1) co_await call.processing("not to be seen");
  co_return Response::ok();
}

/// Takes one descriptor for itself, and leaves the others to the library.
Task<Response> take(Call& call) {
  const uds::Fd own = call.take_fd();
  co_await uds::sleep_for(pause_of(call));
  co_return Response::ok();
}

/// Stops or drains the server that it runs in.
Task<Response> end_server(uds::detail::ServerCore& core, Call& call) {
  if (number(call, "late", 1) == 1) co_await uds::sleep_for(pause_of(call));
  if (number(call, "now", 1) == 1)
    core.stop();
  else
    core.drain({});
  co_return Response::ok();
}

}  // namespace

void add_commands(uds::detail::ServerCore& core) {
  const auto add = [&core](const char* name, uds::Handler handler) {
    core.router.add(uds::Command(name).any_args(), std::move(handler));
  };
  core.router.add(uds::Command("t.take").any_args().descriptors(0, 3), take);
  add("t.echo", echo);
  add("t.fail", fail);
  add("t.stream", stream);
  add("t.fail-late", fail_late);
  add("t.stubborn", stubborn);
  add("t.suicidal", suicidal);
  add("t.end", [&core](Call& call) { return end_server(core, call); });
}

}  // namespace uds_fuzz
