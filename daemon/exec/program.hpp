// The order of things in udsd-exec: an order is read, judged, recorded, and then carried out.
#pragma once

#include "exit_code.hpp"

namespace udsd {

/// All of udsd-exec. Returns in guardian and shim when the run has ended, and before any of it
/// where it was refused.
ExitCode run_exec(int argc, const char* const* argv);

}  // namespace udsd
