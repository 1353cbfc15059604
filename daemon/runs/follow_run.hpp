// Streams a run to whoever asks: its output from an event on, then its final response.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runs/run_table.hpp"
#include "uds/call.hpp"
#include "uds/message.hpp"
#include "uds/task.hpp"

namespace udsd {

/// Sends every event of the run `name` from the number `from` on, and completes with the final
/// response of the run, or `shutting_down` when the table is closed. `run`: null for one that has
/// ended. `table` must outlive it. Cancellation: as Call::processing().
uds::Task<uds::Response> follow_run(uds::Call& call, RunTable& table, std::shared_ptr<LiveRun> run,
                                    std::string name, std::uint64_t from);

/// The final response of a run that is over.
uds::Response response_of_ended(const RunStore& store, const std::string& name);

}  // namespace udsd
