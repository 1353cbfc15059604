// The exit status of the verbs that pass on that of a run: the command's own, 128+N for a signal,
// and 124 to 127 for what is not the command's.
//
// Pure: what happened in, a number out. Scripts rely on it, so nothing here changes.
#pragma once

#include "exit_code.hpp"

#include "uds/json.hpp"

#include <optional>

namespace udsctl {

/// How the command itself ended, where `end` (an object with `exit` or `signal`) says so and it was
/// not with 0.
std::optional<Exit> command_exit(const uds::Json& end);
/// The same of the final response of a run. Nothing where something else than the command decided,
/// such as its timeout.
std::optional<Exit> command_exit(const uds::Response& final);

/// For the final response of a run. Ok for OK only.
Exit run_exit(const uds::Response& final);
/// For a failure to get one.
Exit run_exit(const uds::Error& error);
/// For a run as `run.show` tells of it. Ok as long as it has not ended.
Exit exit_of_run(const uds::Json& run);

}  // namespace udsctl
