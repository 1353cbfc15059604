// Ids of runs on a command line: 20 lower-case hexadecimal digits. Pure.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

#include <string_view>

namespace udsctl {

/// Whether `word` can be the id of a run.
bool is_run_id(std::string_view word);
/// Whether all arguments are ids of runs, and there is one at least.
bool are_run_ids(const Options& options);
/// Complains that the arguments are not what the verb takes.
Exit wants_a_run(const Options& options);

}  // namespace udsctl
