// The commands that the fuzz target `session` adds to the built-in ones: every way in which a
// handler can behave, well and badly.
#pragma once

#include "server_core.hpp"

namespace uds_fuzz {

/// `core` must outlive every run of its loop.
void add_commands(uds::detail::ServerCore& core);

}  // namespace uds_fuzz
