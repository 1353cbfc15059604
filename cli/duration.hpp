// Durations on the command line: a whole number and a unit, such as 500ms, 5s, 2m or 1h. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace udsctl {

/// From 1 ms to 2^31-1 ms, what the protocol's timeout_ms can hold; nothing if `text` is anything
/// else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace udsctl
