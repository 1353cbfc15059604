// Bodies of child_plan.hpp.
#include "exec/child_plan.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace udsd {
namespace {

/// The same open file under a number from `least` upwards, so that no step of the child overwrites
/// what a later one needs.
bool move_up(uds::Fd& descriptor, int least) {
  descriptor.reset(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, least));
  return static_cast<bool>(descriptor);
}

bool make_pipe(uds::Fd& reading, uds::Fd& writing) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  reading.reset(ends[0]);
  writing.reset(ends[1]);
  return true;
}

/// A file in memory that holds `secret` and can only be read.
uds::Fd hold_secret(const std::string& secret) {
  uds::Fd memory(::memfd_create("uds-secret", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) return {};
  const auto size = static_cast<ssize_t>(secret.size());
  const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (::write(memory.get(), secret.data(), secret.size()) != size ||
      ::lseek(memory.get(), 0, SEEK_SET) != 0 || ::fcntl(memory.get(), F_ADD_SEALS, seals) != 0)
    return {};
  return memory;
}

uds::Fd make_input(Order& order, uds::Fd given) {
  const StandardInput& input = order.declaration.input;
  if (input.from == StandardInput::From::Caller) return given;
  const auto value = order.arguments.find(input.argument);
  if (input.from == StandardInput::From::Argument && value != order.arguments.end())
    return hold_secret(value->second.front());
  return uds::Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

std::vector<ChildPlan::Limit> make_limits(const RunLimits& declared, bool memory_is_limited) {
  std::vector<ChildPlan::Limit> limits;
  const auto add = [&](__rlimit_resource_t resource, const std::optional<std::uint64_t>& value) {
    if (value) limits.push_back({resource, *value});
  };
  add(RLIMIT_NPROC, declared.processes);
  add(RLIMIT_NOFILE, declared.descriptors);
  add(RLIMIT_FSIZE, declared.file_size);
  add(RLIMIT_CORE, declared.core);
  if (!memory_is_limited) add(RLIMIT_AS, declared.memory);
  return limits;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

void forget_secrets(Order& order) {
  for (auto& [name, texts] : order.arguments) {
    const Parameter* parameter = order.declaration.parameter(name);
    if (parameter == nullptr || !parameter->secret) continue;
    for (std::string& text : texts) ::explicit_bzero(text.data(), text.size());
  }
}

std::vector<std::string> make_environment(const Order& order, const Caller& caller,
                                          const std::string& run) {
  const auto all = environment_of(order.declaration, order.target,
                                  CallerName{caller.peer.uid, caller.user}, run);
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [name, value] : all) out.emplace_back(name).append("=").append(value);
  return out;
}

std::vector<std::string> make_arguments(const Order& order, std::vector<HandedPath>& paths) {
  ArgumentTexts values = order.arguments;
  paths = hand_over_paths(order.declaration, values);
  return order.declaration.exec.expand(values).value();
}

uds::Result<PreparedChild, int> prepare_child(Order& order, const Caller& caller,
                                              const std::string& run, uds::Fd input, uds::Fd cgroup,
                                              bool memory_is_limited, SharedState& shared) {
  const Declaration& declared = order.declaration;
  PreparedChild prepared;
  ChildPlan& plan = prepared.plan;
  plan.program = declared.exec.program();
  plan.arguments = make_arguments(order, plan.paths);
  plan.environment = make_environment(order, caller, run);
  plan.umask = declared.umask;
  plan.limits = make_limits(declared.limits, memory_is_limited);
  plan.changes_ids = order.changes_ids;
  plan.uid = order.target.uid;
  plan.gid = order.target.gid;
  plan.groups = order.target.groups;
  plan.groups_seen.resize(plan.groups.size());
  plan.directory = declared.directory;
  plan.cgroup = std::move(cgroup);
  plan.shared = &shared;
  plan.input = make_input(order, std::move(input));
  forget_secrets(order);
  if (!plan.input || !make_pipe(prepared.output, plan.output) ||
      !make_pipe(prepared.errors, plan.errors) || !make_pipe(prepared.progress, plan.progress) ||
      !make_pipe(prepared.report, plan.report))
    return errno;
  const int least = kFirstPath + static_cast<int>(plan.paths.size()) + 2;
  for (uds::Fd* each : {&plan.input, &plan.output, &plan.errors, &plan.progress, &plan.report})
    if (!move_up(*each, least)) return errno;
  if (plan.cgroup && !move_up(plan.cgroup, least)) return errno;
  plan.argv = pointers(plan.arguments);
  plan.envp = pointers(plan.environment);
  return prepared;
}

}  // namespace udsd
