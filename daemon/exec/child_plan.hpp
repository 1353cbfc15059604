// Makes the plan of a child: pipes, argument vector, environment, input. Everything that may fail
// or allocate is done here, before the fork.
#pragma once

#include <string>

#include "exec/accept.hpp"
#include "exec/caller.hpp"
#include "exec/child.hpp"
#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace udsd {

/// A plan, and the other ends of its pipes.
struct PreparedChild {
  ChildPlan plan;
  uds::Fd output, errors, progress, report;
};

/// `input`: the caller's descriptor, where the command reads that. `cgroup`: cgroup.procs of the
/// cgroup of the command, or none. `memory_is_limited`: by the cgroup. Secrets of
/// `order` are overwritten once they are where the command reads them. Error: errno.
uds::Result<PreparedChild, int> prepare_child(Order& order, const Caller& caller,
                                              const std::string& run, uds::Fd input, uds::Fd cgroup,
                                              bool memory_is_limited, SharedState& shared);

/// Overwrites the values of secret arguments.
void forget_secrets(Order& order);
/// The environment of a command: built from nothing. Each NAME=VALUE.
std::vector<std::string> make_environment(const Order& order, const Caller& caller,
                                          const std::string& run);
/// The argument vector, and the paths whose descriptors stand in it. The arguments fit.
std::vector<std::string> make_arguments(const Order& order, std::vector<HandedPath>& paths);

}  // namespace udsd
