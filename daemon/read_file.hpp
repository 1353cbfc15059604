// Reads a whole configuration file, or says why not. Never waits on a FIFO and never reads without
// bound.
#pragma once

#include <string>

#include "uds/result.hpp"

namespace udsd {

/// The content of the regular file at `path`, at most 1 MiB. Errors: errno of the failing call.
uds::Result<std::string> read_file(const std::string& path);
/// The same of a file that is open, from where it stands.
uds::Result<std::string> read_all(int descriptor);

}  // namespace udsd
