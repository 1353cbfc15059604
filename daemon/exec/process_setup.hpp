// What udsd-exec makes of the process it was started as. Whoever starts it may have left signals
// blocked, or descriptors where they do not belong.
#pragma once

#include <string>

#include "exec/child.hpp"
#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace udsd {

/// Every signal as it is by default and none blocked, but for SIGPIPE, which is ignored.
void reset_dispositions();
/// Moves the channel from descriptor 0 to a number of its own, and puts /dev/null in its place.
/// Standard output becomes /dev/null too, as standard error does where it is the channel. Error: a
/// sentence.
uds::Result<uds::Fd, std::string> take_channel();
/// Makes this process the one that orphans below it go to, and shows it as `name`. Error: errno.
uds::Result<void, int> become_reaper(const char* name);
/// Signals of a terminal do not concern a supervisor; those that do are blocked and waited for.
void block_supervisor_signals();
/// Memory that this process and those it forks have in common; never freed. Null: there is none.
SharedState* make_shared_state();

}  // namespace udsd
