// The process that stays behind a shim: should that be killed, it ends what is left of the run and
// says so. Otherwise it does nothing.
#pragma once

#include <sys/types.h>

#include "exec/accepted_run.hpp"
#include "exec/process_tree.hpp"

namespace udsd {

/// Returns when `shim`, a child of this process, has ended and the run has a result.
void guard(AcceptedRun& run, ProcessTree tree, pid_t shim);

}  // namespace udsd
