// A steady clock that stands still until the program moves it, so that minutes pass in no time and
// every run of an input is the same.
//
// Linking virtual_clock.cpp puts the whole program under it: std::chrono::steady_clock and Asio's
// timers. The wall clock stays as it is.
#pragma once

#include <chrono>

namespace uds_fuzz {

/// Moves the steady clock forward. Timers that are due fire when the loop next runs.
void pass_time(std::chrono::milliseconds span);

}  // namespace uds_fuzz
