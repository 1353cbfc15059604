// Numbers as people read them in tables: durations, sizes, rates. Pure, and all ASCII.
//
// With two or three digits that matter: to be read, and never to be parsed.
#pragma once

#include "monitor/rates.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace udsctl {

/// "35 us", "1.2 ms", "34 s", "5 min".
std::string show_us(std::uint64_t microseconds);
/// "0.4s", "59s", "3m12s", "2h05m", "3d04h": always short.
std::string show_age(std::uint64_t milliseconds);
/// "512 B", "1.5 KiB", "64.0 MiB".
std::string show_bytes(std::uint64_t bytes);
/// "12.3/s", and without a fraction from 100 on.
std::string show_rate(double per_second);
/// "at most 250 us" or "more than 60 s"; "-" where it is not known.
std::string show_quantile(const std::optional<Quantile>& quantile);

}  // namespace udsctl
