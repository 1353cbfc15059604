// Body of guardian.hpp.
#include "exec/guardian.hpp"

#include <signal.h>

#include <chrono>

#include "exec/child_plan.hpp"
#include "exec/shim.hpp"
#include "exec/spool_file.hpp"
#include "shared/packets.hpp"

namespace udsd {
namespace {

/// Waits for `shim` to end. A SIGTERM is passed on to it.
void wait_for(ProcessTree& tree, pid_t shim) {
  const sigset_t signals = supervisor_signals();
  bool ended = false;
  while (!ended) {
    tree.reap([&](pid_t pid, ChildStatus) { ended = ended || pid == shim; });
    if (ended) return;
    siginfo_t info{};
    if (::sigwaitinfo(&signals, &info) == SIGTERM) ::kill(shim, SIGTERM);
  }
}

RunResult lost_result(const AcceptedRun& run) {
  RunResult result;
  result.outcome = RunResult::Outcome::Lost;
  result.started = run.shared->started;
  result.reason = "its supervisor was killed, so what was left of the run was ended";
  const SpoolSizes sizes = count_records(run.directory.output());
  result.bytes_of_stdout = sizes.of_stdout;
  result.bytes_of_stderr = sizes.of_stderr;
  const std::chrono::milliseconds began(run.shared->began_ms.load());
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  if (began.count() > 0)
    result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(now - began);
  return result;
}

}  // namespace

void guard(AcceptedRun& run, ProcessTree tree, pid_t shim) {
  // Who asks there is to learn from the shim's end that it is gone.
  run.directory.control.reset();
  run.input.reset();
  forget_secrets(run.order);
  // Here, where nobody waits for it: the shim goes on meanwhile.
  run.directory.sync_facts();
  wait_for(tree, shim);
  if (run.directory.has_result()) return;
  tree.kill_all();
  // The end is recorded, and only its result could not be stored: that is not to be contradicted.
  if (!run.shared->recorded) write_ending(run, lost_result(run));
  static_cast<void>(send_packet(run.channel.get(), exec_messages::Ended{}));
}

}  // namespace udsd
