// Memory that is given up when there is no other left, so that what is going on can end in order.
//
// nlohmann/json allocates in its destructor, which must not throw: running out of memory right
// there ends the process. With the reserve, the first allocation that fails gets it, and udsd
// starts nothing new until it has it back. Belongs to the whole process (std::set_new_handler).
#pragma once

namespace udsd {

/// From now on the reserve is there.
void install_memory_reserve();

/// Whether the reserve is given up and cannot be had back yet. Tries to get it back.
bool low_on_memory() noexcept;

}  // namespace udsd
