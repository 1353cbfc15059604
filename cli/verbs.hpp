// What udsctl can do: one function per verb, each in a file of its own.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace udsctl {

/// Asks whether the daemon answers.
Exit ping(const Options& options);
/// Asks the daemon to read its configuration again.
Exit reload(const Options& options);
/// Follows what happens in the daemon.
Exit events(const Options& options);
/// Sends a request, or with `-` each line of standard input.
Exit send(const Options& options);

}  // namespace udsctl
