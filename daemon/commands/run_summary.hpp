// What `run.list` and `run.show` tell of a run. Pure.
#pragma once

#include <optional>

#include "runs/run_record.hpp"
#include "uds/json.hpp"

namespace udsd {

/// What is known of a run without a result.
struct RunPresence {
  bool queued = false;   ///< it waits for its turn
  bool watched = false;  ///< a process answers for it
};

/// A line of `run.list`.
uds::Json summary_of(const RunRecord& facts, const std::optional<RunEnding>& result,
                     const RunPresence& presence);
/// All of it.
uds::Json details_of(const RunRecord& facts, const std::optional<RunEnding>& result,
                     const RunPresence& presence);

}  // namespace udsd
