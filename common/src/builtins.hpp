// The commands that every server has: ping, hello, help, cancel.
#pragma once

#include "server_core.hpp"

namespace uds::detail {

/// Adds them to the router of `core`, which must outlive it.
void add_builtins(ServerCore& core);

}  // namespace uds::detail
