// countdown: one PROCESSING with progress per step, then OK. Shows streaming, backpressure and
// cancellation.
//
// A cancelled or abandoned countdown unwinds at one of its two suspension points; it has nothing to
// clean up.
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "commands/commands.hpp"
#include "uds/asio.hpp"

namespace udsd {
namespace {

constexpr std::int64_t kMostSteps = 1'000'000'000;
constexpr std::int64_t kLongestIntervalMs = 3'600'000;

}  // namespace

uds::Command describe_countdown() {
  uds::Command command("countdown");
  command.summary("Count down to zero, one response per step").streaming();
  command.arg("from", uds::schema::integer()
                          .summary("Number of steps")
                          .minimum(0)
                          .maximum(kMostSteps)
                          .fallback(10));
  command.arg("interval_ms", uds::schema::integer()
                                 .summary("Pause after each step in milliseconds")
                                 .minimum(0)
                                 .maximum(kLongestIntervalMs)
                                 .fallback(1'000));
  return command;
}

uds::Task<uds::Response> countdown(uds::Call& call) {
  const auto from = call.args().at("from").get<std::int64_t>();
  const std::chrono::milliseconds interval(call.args().at("interval_ms").get<std::int64_t>());
  for (std::int64_t left = from; left > 0; --left) {
    uds::Response step =
        uds::Response::progress(from - left + 1, from, "steps", std::to_string(left));
    co_await call.processing(step);
    if (interval.count() > 0) co_await uds::sleep_for(interval);
  }
  uds::Json data = uds::Json::object();
  data["from"] = from;
  co_return uds::Response::ok("countdown finished", std::move(data));
}

}  // namespace udsd
