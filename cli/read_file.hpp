// A whole file in memory, within bounds and with a way to stop waiting for it.
#pragma once

#include "uds/result.hpp"

#include <string>

namespace udsctl {

/// The content of `path`, which may be long in coming, such as a pipe, or a terminal: until
/// `interrupt` becomes readable; -1 means none. Errors: errno; EFBIG above 64 MiB.
uds::Result<std::string> read_file(const std::string& path, int interrupt);

}  // namespace udsctl
