// The name of one run: 20 hexadecimal digits, of which the first 12 are the time it was accepted.
// Pure, but for make_run_id().
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace udsd {

/// Whether `text` can be the name of a run. Whoever makes a path of a foreign text asks first.
bool is_run_id(std::string_view text) noexcept;

/// The name of a run accepted at `now`, with random digits behind: names sort by time, and nobody
/// guesses one.
std::string make_run_id(std::chrono::system_clock::time_point now);

}  // namespace udsd
