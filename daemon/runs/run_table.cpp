// Bodies of run_table.hpp.
#include "runs/run_table.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "shared/run_files.hpp"

namespace udsd {
namespace {

using uds::Response;

// How long a run that was found may have no caller: time enough for one who lost the connection to
// come back.
constexpr std::chrono::seconds kTimeToReturn{30};
// Of all commands together, those that wait included; systemd starts 1024 at most. Root is exempt
// from the second.
constexpr std::size_t kMostRuns = 1'000;
constexpr std::size_t kMostRunsOfUser = 250;
// What a caller without a turn is told to wait; when a run ends nobody knows.
constexpr std::int64_t kRetryAfterMs = 1'000;

Response busy(const char* limit, std::int64_t retry_after_ms, std::string message) {
  uds::Json details = uds::Json::object();
  details["limit"] = limit;
  details["retry_after_ms"] = retry_after_ms;
  details["started"] = false;
  return Response::error(uds::Code::Busy, std::move(message), std::move(details));
}

Response busy(const std::string& command, const char* limit) {
  return busy(limit, kRetryAfterMs,
              "as many of " + command + " go on or wait as may; try again later");
}

Response too_often(const std::string& command, std::chrono::milliseconds wait) {
  return busy("rate", wait.count(),
              command + " was started as often as it may be in so short a time; try again later");
}

Response cannot_start(const std::string& why) {
  uds::Json details = uds::Json::object();
  details["started"] = false;
  return Response::error(uds::Code::Internal, "the run could not be started: " + why,
                         std::move(details))
      .with_retryable(true);
}

/// The socket of a run in its own directory: by a descriptor of that, since the path may be longer
/// than an address takes.
uds::Fd connect_control(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const uds::Fd directory(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  uds::Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!directory || !socket) return {};
  const std::string short_path =
      "/proc/self/fd/" + std::to_string(directory.get()) + path.substr(slash);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, short_path.data(), short_path.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return socket;
}

}  // namespace

RunTable::RunTable(boost::asio::any_io_executor executor, std::string state_directory,
                   LauncherSettings launcher)
    : executor_(std::move(executor)),
      store_(std::move(state_directory)),
      launcher_(std::move(launcher)),
      endings_(executor_) {}

RunTable::~RunTable() = default;

bool RunTable::has_room(const Slot& slot) const {
  std::uint64_t total = 0;
  std::uint64_t of_user = 0;
  for (const Slot& each : runs_) {
    const LiveRun& run = *each.run;
    if (run.over() || run.waiting() || run.traits().command != slot.run->traits().command) continue;
    ++total;
    of_user += run.traits().caller == slot.run->traits().caller ? 1U : 0U;
  }
  return (slot.limits.total == 0 || total < slot.limits.total) &&
         (slot.limits.per_user == 0 || of_user < slot.limits.per_user);
}

uds::Result<RunTable::RunPtr, Response> RunTable::start(Order order) {
  const Declaration& declared = *order.declaration;
  const auto of_caller = std::ranges::count_if(
      runs_, [&](const Slot& each) { return each.run->traits().caller == order.caller; });
  if (runs_.size() >= kMostRuns) return busy(declared.name, "runs");
  if (order.caller != 0 && static_cast<std::size_t>(of_caller) >= kMostRunsOfUser)
    return busy(declared.name, "runs_per_uid");
  const bool has_rate = declared.rate.per.count() > 0;
  const auto now = StartLog::Clock::now();
  if (has_rate)
    if (const auto wait = starts_[declared.name].wait(declared.rate, order.caller, now))
      return too_often(declared.name, *wait);
  LiveRun::Traits traits;
  traits.command = declared.name;
  traits.caller = order.caller;
  traits.detached = order.start.detach;
  traits.kill_on_disconnect = !declared.disconnect.detach;
  traits.disconnect_grace = declared.disconnect.grace;
  std::size_t waiting = 0;
  for (const Slot& each : runs_)
    waiting += each.run->waiting() && each.run->traits().command == declared.name ? 1U : 0U;
  traits.queued = true;
  Slot slot{
      std::make_shared<LiveRun>(executor_, store_, traits, [this](LiveRun& run) { changed(run); }),
      declared.concurrency};
  // Those that wait have no room themselves, or they would not.
  const bool at_once = has_room(slot);
  if (!at_once && waiting >= declared.concurrency.queue) return busy(declared.name, "concurrency");

  auto socket = launch_exec(launcher_);
  if (!socket) {
    if (socket.error().code() == std::errc::resource_unavailable_try_again)
      return busy(declared.name, "udsd-exec");
    return cannot_start(socket.error().message());
  }
  order.start.queued = !at_once;
  if (at_once) slot.run->begin_turn();
  if (!slot.run->start(*std::move(socket), order.start, order.descriptors))
    return cannot_start("udsd-exec took no message");
  runs_.push_back(slot);
  if (has_rate) starts_[declared.name].add(order.caller, now);
  if (!at_once) slot.run->set_position(waiting + 1);
  return slot.run;
}

RunTable::RunPtr RunTable::find(const std::string& name) const {
  const auto found =
      std::ranges::find_if(runs_, [&](const Slot& each) { return each.run->name() == name; });
  return found == runs_.end() ? nullptr : found->run;
}

uds::Task<RunTable::RunPtr> RunTable::find_or_adopt(std::string name) {
  for (;;) {
    if (RunPtr known = find(name)) co_return known;
    const RunPtr starting = closed_ ? nullptr : nameless_like(name);
    if (!starting) co_return adopt(name);
    const std::uint64_t seen = starting->changes().count();
    co_await starting->changes().wait(seen);
  }
}

RunTable::RunPtr RunTable::nameless_like(const std::string& name) const {
  const auto is_nameless = [](const Slot& each) {
    return each.run->name().empty() && !each.run->over();
  };
  if (std::ranges::none_of(runs_, is_nameless)) return nullptr;
  const auto facts = store_.facts(name);
  if (!facts) return nullptr;
  const auto found = std::ranges::find_if(runs_, [&](const Slot& each) {
    const LiveRun::Traits& traits = each.run->traits();
    return is_nameless(each) && traits.command == facts->command && traits.caller == facts->caller;
  });
  return found == runs_.end() ? nullptr : found->run;
}

/// Null where nobody answers for the run any more, or cannot be reached.
RunTable::RunPtr RunTable::adopt(const std::string& name) {
  if (!store_.watched(name) || store_.result(name)) return nullptr;
  const auto facts = store_.facts(name);
  if (!facts) return nullptr;
  uds::Fd socket = connect_control(store_.path_of(name, run_files::kControl));
  if (!socket) return nullptr;
  LiveRun::Traits traits;
  traits.command = facts->command;
  traits.caller = facts->caller;
  traits.detached = facts->detach;
  traits.kill_on_disconnect = facts->kill_on_disconnect;
  traits.disconnect_grace = facts->disconnect_grace;
  auto run = std::make_shared<LiveRun>(executor_, store_, std::move(traits),
                                       [this](LiveRun& each) { changed(each); });
  run->adopt(name, std::move(socket));
  run->expect_holder(std::max<std::chrono::milliseconds>(facts->disconnect_grace, kTimeToReturn));
  runs_.push_back({run, {}});
  return run;
}

std::size_t RunTable::recover() {
  const auto names = store_.list();
  if (!names) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(
      *names, [this](const std::string& name) { return adopt(name) != nullptr; }));
}

std::set<std::string> RunTable::waiting() const {
  std::set<std::string> names;
  for (const Slot& each : runs_)
    if (each.run->waiting()) names.insert(each.run->name());
  return names;
}

void RunTable::close() {
  closed_ = true;
  for (const Slot& each : runs_) each.run->stop_minding();
  endings_.notify();
}

void RunTable::changed(LiveRun& run) {
  if (observer_) observer_(run);
  if (!run.over()) return;
  const std::string command = run.traits().command;
  std::erase_if(runs_, [&](const Slot& each) { return each.run.get() == &run; });
  endings_.notify();
  next_turns(command);
}

void RunTable::next_turns(const std::string& command) {
  if (closed_) return;  // those that wait were told that they will not begin
  std::size_t position = 0;
  for (const Slot& each : runs_) {
    if (!each.run->waiting() || each.run->traits().command != command) continue;
    if (has_room(each))
      each.run->begin_turn();
    else
      each.run->set_position(++position);
  }
}

}  // namespace udsd
