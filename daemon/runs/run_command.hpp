// What answers a request for a declared command: starts a run, and stays with it to its end.
#pragma once

#include <memory>

#include "declared/declaration.hpp"
#include "runs/run_table.hpp"
#include "uds/call.hpp"
#include "uds/message.hpp"
#include "uds/task.hpp"

namespace udsd {

/// Runs `declared` with the arguments of `call`, which fit its schema, and completes with the final
/// response of the run; of a request that is detached, as soon as there is a run. A request that is
/// cancelled, or runs out of time, ends the run and then completes with how that ended. A caller
/// who is gone leaves the run to its rule on disconnecting. `table` must outlive it.
uds::Task<uds::Response> run_command(RunTable& table, std::shared_ptr<const Declaration> declared,
                                     uds::Call& call);

}  // namespace udsd
