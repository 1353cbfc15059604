// What udsctl can do: one function per verb, each in a file of its own.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace udsctl {

/// Asks the daemon for `ping`.
Exit ping(const Options& options);
/// Sends a request, or with `-` each line of standard input.
Exit send(const Options& options);

}  // namespace udsctl
