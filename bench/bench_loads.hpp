// The ways in which uds-bench puts load on a server: one connection, many, or a new one each time.
//
// Each starts the stopwatch when its connections are open, begins nothing when it is over, and
// returns when all that is under way is answered.
#pragma once

#include <string_view>

#include "bench_options.hpp"
#include "bench_result.hpp"

namespace uds_bench {

/// The way that `options` ask for.
void run(const Options& options, std::string_view request, Stopwatch& watch, Result& result);

}  // namespace uds_bench
