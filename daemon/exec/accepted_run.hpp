// A run that has been accepted: all that guardian and shim know of it, each in its own copy after
// the fork.
#pragma once

#include <chrono>

#include "exec/accept.hpp"
#include "exec/caller.hpp"
#include "exec/child.hpp"
#include "exec/instance.hpp"
#include "exec/records.hpp"
#include "exec/run_directory.hpp"
#include "exec/state_directory.hpp"
#include "uds/fd.hpp"

namespace udsd {

struct AcceptedRun {
  Instance instance;
  Caller caller;
  Order order;
  RunFacts facts;
  StateDirectory state;
  RunDirectory directory;
  uds::Fd channel;
  uds::Fd input;  ///< the caller's, where the command reads that
  bool queued = false;
  /// What the request leaves, counted from `since`.
  std::optional<std::chrono::milliseconds> timeout;
  std::chrono::steady_clock::time_point since;
  SharedState* shared = nullptr;
};

/// Writes the result and then the second audit record: the run has ended, and nothing of it is
/// left. What cannot be written is said on standard error; the run is then found as lost.
void write_ending(const AcceptedRun& run, const RunResult& result);

}  // namespace udsd
