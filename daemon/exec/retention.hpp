// Removes what is known of old runs, and settles those that were lost. Every udsd-exec does it at
// its end; two at once do not harm each other, since each takes the lock of a run first.
#pragma once

#include <cstdint>
#include <string>

#include "exec/state_directory.hpp"

namespace udsd {

/// Runs that have ended go when their time is over, and of `command` the oldest until all of its
/// runs together have no more than `total` bytes. A run that nobody answers for gets a result that
/// says it is lost.
void tidy_runs(const StateDirectory& state, const std::string& command, std::uint64_t total);

}  // namespace udsd
