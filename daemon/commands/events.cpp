// events: a PROCESSING for each thing that happens in udsd, until it is cancelled or udsd drains.
//
// A slow reader suspends this handler, not the daemon; what it misses is counted for it.
#include <memory>
#include <optional>
#include <utility>

#include "commands/commands.hpp"

namespace udsd {

uds::Command describe_events() {
  uds::Command command("events");
  command.summary("Follow what happens: connections, requests, reload, drain")
      .streaming()
      .access(uds::Access::admins());
  return command;
}

uds::Task<uds::Response> events(Control& control, uds::Call& call) {
  const std::shared_ptr<EventQueue> queue = control.events().subscribe();
  co_await call.processing("watching");
  for (;;) {
    std::optional<uds::Response> event = co_await queue->next();
    if (!event) break;
    co_await call.processing(*std::move(event));
  }
  co_return uds::Response::error(uds::Code::ShuttingDown, "udsd is stopping; watch again later")
      .with_retryable(false);
}

}  // namespace udsd
