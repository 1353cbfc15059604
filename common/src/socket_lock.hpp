// The lock file beside a socket: `<socket>.lock`, held as long as the socket is served.
//
// The file is never removed: whoever removed it could take away the lock of a process that just got
// it.
#pragma once

#include <string>

#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace uds::detail {

/// Takes the lock of the socket `name` in the directory `directory`, or says who has it. `path` is
/// for messages. Errors: InUse, UnsafeDirectory, errno.
Result<Fd> lock_socket(int directory, const std::string& name, const std::string& path);

}  // namespace uds::detail
