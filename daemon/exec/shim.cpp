// Bodies of shim.hpp.
#include "exec/shim.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "exec/child_plan.hpp"

namespace udsd {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Outcome = RunResult::Outcome;
using exec_messages::Cancel;

/// Between two looks at what is being killed, and at a cgroup that others may fill.
constexpr int kKillingPauseMs = 10;

/// `arguments`: those of ChildPlan::paths.
std::string stage_reason(const StageFailure& failure, const Declaration& declared,
                         const std::vector<std::string>& arguments) {
  std::string what = "the command was not run: its step ";
  what += to_string(failure.stage);
  const std::string program = declared.exec.program();
  if (failure.stage == Stage::Exec) what += " (" + program + ")";
  if (failure.stage == Stage::Directory) what += " (" + declared.directory + ")";
  if (failure.stage == Stage::Path) what += " (" + arguments.at(failure.path) + ")";
  std::string reason = uds::Error::from_errno(what + " failed", failure.error).message();
  // execve(2) says so of the interpreter, too.
  if (failure.stage == Stage::Exec && failure.error == ENOENT &&
      ::access(program.c_str(), F_OK) == 0)
    reason += "; the file is there, so the interpreter or the loader that it names is not";
  return reason;
}

std::string cancel_reason(const Cancel& order) {
  switch (order.reason) {
    case Cancel::Reason::Request:
      return "cancelled by uid " + std::to_string(order.by);
    case Cancel::Reason::Administrator:
      return "cancelled by an administrator, uid " + std::to_string(order.by);
    case Cancel::Reason::Deadline:
      return "the time of the request ran out";
    case Cancel::Reason::Disconnected:
      break;
  }
  return "cancelled, since its caller has left";
}

}  // namespace

sigset_t supervisor_signals() noexcept {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGCHLD);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

Shim::Shim(AcceptedRun& run, ProcessTree tree)
    : run_(run),
      tree_(std::move(tree)),
      peers_(std::move(run.channel), std::move(run.directory.control), run.instance),
      output_(run.directory.output(), run.order.declaration.output) {
  const sigset_t signals = supervisor_signals();
  signals_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

void Shim::run() {
  if (!run_.queued) begin();
  while (phase_ != Phase::Over) wait_and_handle();
  // Nothing of it is left, so what the pipes hold now is all there will be.
  static_cast<void>(output_.drain());
  check_output();
  write_ending(run_, result());
  peers_.tell(exec_messages::Ended{});
}

void Shim::wait_and_handle() {
  std::vector<pollfd> entries{{signals_.get(), POLLIN, 0}, {report_.get(), POLLIN, 0}};
  const std::size_t first_output = entries.size();
  for (const int descriptor : output_.descriptors()) entries.push_back({descriptor, POLLIN, 0});
  const std::size_t first_peer = entries.size();
  peers_.add_to(entries);
  static_cast<void>(::poll(entries.data(), entries.size(), milliseconds_to_wait()));

  // Before the signals: what began is known to have begun when its end is.
  if (entries[1].revents != 0) read_report();
  bool grown = false;
  for (std::size_t at = first_output; at < first_peer; ++at)
    if (entries[at].revents != 0) grown = output_.read(at - first_output) || grown;
  if (grown) peers_.tell(exec_messages::Grown{});
  check_output();

  const bool peers_spoke =
      std::any_of(entries.begin() + static_cast<std::ptrdiff_t>(first_peer), entries.end(),
                  [](const pollfd& entry) { return entry.revents != 0; });
  if (peers_spoke) {
    std::vector<exec_messages::Message> greet;
    if (told_started_) greet = {exec_messages::Started{}, exec_messages::Grown{}};
    peers_.serve(greet,
                 [this](const auto& message, bool first) { handle_message(message, first); });
    if (phase_ == Phase::Waiting && !peers_.has_first())
      end_early({Outcome::NotStarted, "udsd went away before the turn of the run came"}, SIGTERM);
  }
  if (entries[0].revents != 0) handle_signals();
  check_time();
  look_after_children();
}

/// Output that is not whole makes a failure of a run, even of one whose command has ended well.
void Shim::check_output() {
  const auto why = output_.take_failure();
  if (!why) return;
  if (!cause_)
    cause_ = Cause{why->too_long ? Outcome::OutputLimit : Outcome::OutputLost, why->reason};
  end_early(*cause_, SIGTERM);
}

void Shim::begin() {
  const RunLimits& limits = run_.order.declaration.limits;
  const auto& cgroup = tree_.cgroup();
  const bool limited = cgroup && (!limits.memory || cgroup->limit_memory(*limits.memory));
  uds::Fd joining;
  if (cgroup) {
    joining = cgroup->joining();
    if (!joining) return not_started(Stage::Cgroup, errno);
  }
  auto prepared = prepare_child(run_.order, run_.caller, run_.facts.run, std::move(run_.input),
                                std::move(joining), limited, *run_.shared);
  if (!prepared) return not_started(Stage::Prepare, prepared.error());
  ChildPlan& plan = prepared->plan;
  for (const HandedPath& each : plan.paths) path_arguments_.push_back(each.argument);
  plan.parent = ::getpid();
  began_ = Clock::now();
  child_ = ::fork();
  if (child_ == 0) run_child(plan);
  if (child_ < 0) return not_started(Stage::Fork, errno);
  output_.attach(std::move(prepared->output), std::move(prepared->errors),
                 std::move(prepared->progress));
  report_ = std::move(prepared->report);
  phase_ = Phase::Starting;
}

void Shim::read_report() {
  StageFailure failure;
  const ssize_t size = ::read(report_.get(), &failure, sizeof failure);
  if (size < 0 && errno == EINTR) return;
  report_.reset();
  if (size == static_cast<ssize_t>(sizeof failure)) {
    failure_ = failure;
  } else if (run_.shared->started) {
    began_ = Clock::now();
    run_.shared->began_ms =
        std::chrono::duration_cast<milliseconds>(began_.time_since_epoch()).count();
    told_started_ = true;
    peers_.tell(exec_messages::Started{});
  }
  if (phase_ == Phase::Starting) phase_ = Phase::Running;
}

void Shim::handle_message(const exec_messages::Message& message, bool first) {
  if (const auto* order = std::get_if<Cancel>(&message))
    cancel(*order);
  else if (std::holds_alternative<exec_messages::Go>(message) && first && phase_ == Phase::Waiting)
    begin();
}

void Shim::cancel(const Cancel& order) {
  // A second one may be more urgent.
  if (cause_ && order.signal == SIGKILL) return begin_killing();
  const bool deadline = order.reason == Cancel::Reason::Deadline;
  end_early({deadline ? Outcome::Timeout : Outcome::Cancelled, cancel_reason(order)}, order.signal);
}

void Shim::handle_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info)
    if (info.ssi_signo == SIGTERM) cancel({Cancel::Reason::Administrator, SIGTERM, info.ssi_uid});
}

void Shim::check_time() {
  const auto now = Clock::now();
  if (phase_ == Phase::Ending && now >= kill_at_) return begin_killing();
  if (phase_ == Phase::Killing) return tree_.signal(SIGKILL);
  const auto end = deadline();
  if (phase_ == Phase::Over || cause_ || status_ || !end || now < *end) return;
  const bool waiting = phase_ == Phase::Waiting;
  end_early(
      {Outcome::Timeout, waiting ? "the time of the request ran out before the turn of the run came"
                                 : "its time ran out"},
      SIGTERM);
}

void Shim::end_early(Cause cause, int signal) {
  // What has ended by itself has ended so; only what it left behind is ended here.
  if (phase_ == Phase::Over || phase_ == Phase::Killing) return;
  if (!cause_ && !status_) cause_ = std::move(cause);
  if (phase_ == Phase::Waiting) {
    phase_ = Phase::Over;
    return;
  }
  if (signal == SIGKILL) return begin_killing();
  if (phase_ == Phase::Ending)
    tree_.signal(signal);
  else
    begin_ending(signal);
}

void Shim::begin_ending(int signal) {
  phase_ = Phase::Ending;
  kill_at_ = Clock::now() + run_.order.declaration.grace;
  tree_.signal(signal);
  // One that is stopped would not see it before the grace is over.
  tree_.signal(SIGCONT);
}

void Shim::begin_killing() {
  if (phase_ == Phase::Over) return;
  phase_ = Phase::Killing;
  tree_.signal(SIGKILL);
}

void Shim::look_after_children() {
  if (phase_ == Phase::Waiting || phase_ == Phase::Over) return;
  tree_.reap([this](pid_t pid, ChildStatus status) {
    if (pid != child_) return;
    exited_ = Clock::now();
    status_ = status;
  });
  if (!status_) return;
  if (report_) read_report();
  if (tree_.is_gone())
    phase_ = Phase::Over;
  else if (phase_ == Phase::Running)
    begin_ending(SIGTERM);
}

void Shim::not_started(Stage stage, int error) {
  failure_ = StageFailure{stage, error, 0};
  phase_ = Phase::Over;
}

std::optional<Shim::Clock::time_point> Shim::deadline() const {
  std::optional<Clock::time_point> end;
  if (run_.timeout) end = run_.since + *run_.timeout;
  const auto& declared = run_.order.declaration.timeout;
  if (declared && phase_ != Phase::Waiting && (!end || began_ + *declared < *end))
    end = began_ + *declared;
  return end;
}

int Shim::milliseconds_to_wait() const {
  if (phase_ == Phase::Killing) return kKillingPauseMs;
  std::optional<Clock::time_point> until;
  if (phase_ == Phase::Ending)
    until = kill_at_;
  else if (!cause_ && !status_)
    until = deadline();
  if (!until) return -1;
  // Rounded up: waking up before the time would be for nothing.
  const auto left = std::chrono::ceil<milliseconds>(*until - Clock::now());
  auto wait = std::clamp<milliseconds>(left, 0ms, 1h);
  // Nobody says when a cgroup has become empty.
  if (phase_ == Phase::Ending && tree_.cgroup())
    wait = std::min(wait, milliseconds(kKillingPauseMs));
  return static_cast<int>(wait.count());
}

RunResult Shim::result() {
  RunResult out;
  out.started = run_.shared->started;
  output_.describe(out);
  if (!out.started) {
    out.outcome =
        cause_ && cause_->outcome == Outcome::Timeout ? Outcome::Timeout : Outcome::NotStarted;
    if (failure_) {
      out.outcome = Outcome::NotStarted;
      out.stage = to_string(failure_->stage);
      out.error = failure_->error;
      out.reason = stage_reason(*failure_, run_.order.declaration, path_arguments_);
    } else if (cause_) {
      out.reason = cause_->reason;
    } else {
      out.reason = "the command was not run: its process was ended on the way to it";
    }
    return out;
  }
  out.duration = std::chrono::duration_cast<milliseconds>(exited_ - began_);
  if (status_ && status_->by_signal)
    out.signal = status_->number;
  else if (status_)
    out.exit = status_->number;
  out.outcome = cause_ ? cause_->outcome : out.signal ? Outcome::Signal : Outcome::Exit;
  if (cause_) out.reason = cause_->reason;
  return out;
}

}  // namespace udsd
