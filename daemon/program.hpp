// From the arguments of the process to its exit status.
#pragma once

#include "exit_code.hpp"

namespace udsd {

/// Does what the command line asks for. Throws only what is a bug or a failure of the operating
/// system.
ExitCode run_program(int argc, const char* const* argv);

}  // namespace udsd
