// `udsd --check-config`: says what is wrong with the configuration and the declared commands, and
// with --as whether somebody may run one of them. Starts nothing and changes nothing.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace udsd {

/// Errors and warnings go to standard error, the rest to standard output.
ExitCode check_config(const Options& options);

}  // namespace udsd
