// Writing to standard output and standard error, whole or not at all. Owns nothing, buffers
// nothing.
#pragma once

#include "exit_code.hpp"

#include "uds/result.hpp"

#include <string_view>

namespace udsctl {

/// Writes all of `text` to `descriptor`, waiting where that is needed.
uds::Result<void> write_all(int descriptor, std::string_view text);

/// "udsctl: <sentence>" on standard error, in one line with everything foreign made visible.
void complain(std::string_view sentence);

/// Complains about a failed write to standard output and gives the status for it. A broken pipe is
/// no complaint.
Exit output_failed(const uds::Error& error);

}  // namespace udsctl
