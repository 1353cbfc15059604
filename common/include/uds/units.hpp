// Durations and sizes as people write them in options and configuration files: "500ms", "30s",
// "64KiB", "1MiB". Pure.
//
// Strict: digits and one unit, nothing else. A number without a unit is refused, because nobody can
// know whether 30 are seconds or milliseconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace uds {

/// Digits followed by ms, s, m, h or d. Nothing if `text` is anything else, or more than 2^53 ms.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// Digits followed by B, KiB, MiB or GiB. Nothing if `text` is anything else, or more than 2^53
/// bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// The shortest text that parse_duration() reads as `value`, which is not negative.
std::string format_duration(std::chrono::milliseconds value);
/// The shortest text that parse_size() reads as `value`.
std::string format_size(std::uint64_t value);

}  // namespace uds
