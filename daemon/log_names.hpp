// The levels and formats of the log, as people write them. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "settings.hpp"
#include "uds/log.hpp"

namespace udsd {

inline constexpr const char* kLogLevelNames = "trace, debug, info, warn, error or off";
inline constexpr const char* kLogFormatNames = "text, json or journal";

/// trace, debug, info, warn, error or off; nothing for anything else.
std::optional<uds::LogLevel> parse_log_level(std::string_view name);
std::string_view to_string(uds::LogLevel level);
/// text, json or journal; nothing for anything else.
std::optional<LogFormat> parse_log_format(std::string_view name);

}  // namespace udsd
