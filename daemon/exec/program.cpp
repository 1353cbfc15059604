// Body of program.hpp.
#include "exec/program.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <utility>

#include "exec/accepted_run.hpp"
#include "exec/audit.hpp"
#include "exec/channel.hpp"
#include "exec/guardian.hpp"
#include "exec/options.hpp"
#include "exec/process_setup.hpp"
#include "exec/retention.hpp"
#include "exec/shim.hpp"
#include "shared/packets.hpp"
#include "shared/run_id.hpp"
#include "uds/version.hpp"

namespace udsd {
namespace {

using exec_messages::Refused;
using exec_messages::Start;

/// udsd sends its order at once.
constexpr int kPatienceMs = 10'000;

constexpr std::size_t kMostRefusalBytes = 4096;

ExitCode complain(ExitCode code, const std::string& what) {
  std::cerr << "udsd-exec: " << what << '\n';
  return code;
}

/// The first packet. Error: why it is no order.
uds::Result<Received, std::string> receive_order(int channel) {
  pollfd entry{channel, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&entry, 1, kPatienceMs);
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) return std::string("no order came in time");
  Received received = receive_packet(channel);
  if (received.state == Received::State::Bad) return received.problem;
  if (received.state != Received::State::Packet) return std::string("udsd left without an order");
  if (!std::holds_alternative<Start>(*received.message))
    return std::string("the first packet is no order to start");
  return received;
}

/// Everything from the order to a run that is recorded and waits to be carried out.
uds::Result<AcceptedRun, Refused> accept_run(Instance instance, Received received) {
  const auto since = std::chrono::steady_clock::now();
  const auto internal = [](std::string why) { return Refused{"internal", std::move(why), {}}; };
  auto& start = std::get<Start>(*received.message);
  if (received.descriptors.empty())
    return internal("udsd sent no connection of a caller; this is a bug in udsd");
  auto caller = identify_caller(received.descriptors.take(), instance.is_private);
  if (!caller) return Refused{"permission_denied", caller.error(), {}};
  auto order = accept_order(instance, *caller, start);
  if (!order) return order.error();
  const Declaration& declared = order->declaration;

  uds::Fd input;
  if (declared.input.from == StandardInput::From::Caller) {
    input = received.descriptors.take();
    if (!input)
      return Refused{"invalid_args",
                     declared.name + " reads the caller's input; send a descriptor to read",
                     {}};
  }
  received.descriptors.clear();
  for (auto& [name, texts] : start.arguments)
    for (std::string& text : texts) ::explicit_bzero(text.data(), text.size());  // maybe a secret

  RunFacts facts;
  facts.accepted = std::chrono::system_clock::now();
  facts.run = make_run_id(facts.accepted);
  facts.request = start.request;
  facts.timeout = declared.timeout;
  if (start.timeout && (!facts.timeout || *start.timeout < *facts.timeout))
    facts.timeout = start.timeout;
  facts.detach = start.detach;
  auto state = StateDirectory::open(instance);
  if (!state) return internal(state.error());
  SharedState* const shared = make_shared_state();
  const auto reaper = become_reaper("uds-guardian");
  if (shared == nullptr || !reaper)
    return internal("the run cannot be supervised: memory or a right of udsd-exec is missing");
  auto directory = RunDirectory::prepare(
      *state, facts.run, format_facts(facts, *caller, *order),
      {declared.keep.time.count(), {caller->peer.uid, caller->user, declared.name}});
  if (!directory) return internal(directory.error());
  const auto recorded =
      write_audit(*state, start_record(facts, *caller, *order), declared.audit_may_fall_back);
  if (!recorded) {
    directory->discard(*state);
    return internal(recorded.error());
  }
  AcceptedRun run{std::move(instance),
                  *std::move(caller),
                  *std::move(order),
                  std::move(facts),
                  *std::move(state),
                  *std::move(directory),
                  {},
                  std::move(input),
                  start.queued,
                  start.timeout,
                  since,
                  shared};
  if (const auto published = run.directory.publish(run.state); !published) {
    RunResult result;
    result.outcome = RunResult::Outcome::NotStarted;
    result.reason =
        uds::Error::from_errno("the directory of the run cannot be named", published.error())
            .message();
    write_ending(run, result);
    run.directory.discard(run.state);
    return internal(result.reason);
  }
  return run;
}

/// The shim, in a process of its own.
void be_shim(AcceptedRun& run, ProcessTree tree) {
  // Fails for the leader of a process group only, which a new process is not.
  static_cast<void>(::setsid());
  static_cast<void>(become_reaper("uds-shim"));
  Shim(run, std::move(tree)).run();
}

ExitCode carry_out(AcceptedRun& run) {
  block_supervisor_signals();
  const ProcessTree tree(RunCgroup::make());
  const pid_t shim = ::fork();
  if (shim == 0) {
    be_shim(run, tree);
    return ExitCode::Ok;
  }
  if (shim > 0) {
    guard(run, tree, shim);
  } else {
    RunResult result;
    result.outcome = RunResult::Outcome::NotStarted;
    result.stage = to_string(Stage::Fork);
    result.error = errno;
    result.reason =
        uds::Error::from_errno("the command was not run: no process can be made", errno).message();
    write_ending(run, result);
    static_cast<void>(send_packet(run.channel.get(), exec_messages::Ended{}));
  }
  const Declaration& declared = run.order.declaration;
  tidy_runs(run.state, declared.name, declared.keep.total);
  return ExitCode::Ok;
}

}  // namespace

ExitCode run_exec(int argc, const char* const* argv) {
  const auto options = parse_exec_options(argc, argv);
  if (!options) return complain(ExitCode::Usage, options.error());
  if (options->action == ExecOptions::Action::Help) {
    std::cout << exec_help_text();
    return ExitCode::Ok;
  }
  if (options->action == ExecOptions::Action::Version) {
    std::cout << "udsd-exec " << uds::kVersion << '\n';
    return ExitCode::Ok;
  }
  reset_dispositions();
  auto channel = take_channel();
  if (!channel) return complain(ExitCode::Usage, channel.error());
  const auto peer = channel_peer(channel->get());
  if (!peer)
    return complain(ExitCode::Usage, "descriptor 0 is to be the channel of udsd: " + peer.error());
  auto instance = load_instance(*options);
  const auto refuse = [&](Refused refused) {
    // All errors of all declarations may be longer than a packet.
    if (refused.message.size() > kMostRefusalBytes) {
      refused.message.resize(kMostRefusalBytes);
      refused.message.resize(kMostRefusalBytes - unfinished_utf8(refused.message));
    }
    static_cast<void>(send_packet(channel->get(), refused));
    return complain(ExitCode::Ok, "refused: " + refused.message);
  };
  if (instance && !instance->may_order(*peer))
    return complain(ExitCode::NoPermission, "uid " + std::to_string(*peer) +
                                                " may give no orders; see --daemon and --private");
  // Read in any case: an end with something unread in it would lose what is sent.
  auto received = receive_order(channel->get());
  if (!instance) return refuse({"internal", instance.error(), {}});
  if (!received) return refuse({"internal", received.error(), {}});
  auto run = accept_run(*std::move(instance), *std::move(received));
  if (!run) return refuse(run.error());
  run->channel = *std::move(channel);
  if (!send_packet(run->channel.get(), exec_messages::Accepted{run->facts.run})) {
    // Nobody knows of it, and whoever asked was told nothing: it is not to begin.
    RunResult result;
    result.outcome = RunResult::Outcome::NotStarted;
    result.reason = "udsd went away before the run began";
    write_ending(*run, result);
    return ExitCode::Ok;
  }
  return carry_out(*run);
}

}  // namespace udsd
