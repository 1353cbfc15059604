// Bodies of log_names.hpp.
#include "log_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace udsd {
namespace {

constexpr std::array<std::pair<std::string_view, uds::LogLevel>, 6> kLevels{{
    {"trace", uds::LogLevel::Trace},
    {"debug", uds::LogLevel::Debug},
    {"info", uds::LogLevel::Info},
    {"warn", uds::LogLevel::Warn},
    {"error", uds::LogLevel::Error},
    {"off", uds::LogLevel::Off},
}};

}  // namespace

std::optional<uds::LogLevel> parse_log_level(std::string_view name) {
  for (const auto& [known, level] : kLevels)
    if (known == name) return level;
  return std::nullopt;
}

std::string_view to_string(uds::LogLevel level) {
  return std::find_if(kLevels.begin(), kLevels.end() - 1,
                      [level](const auto& entry) { return entry.second == level; })
      ->first;
}

std::optional<LogFormat> parse_log_format(std::string_view name) {
  if (name == "text") return LogFormat::Text;
  if (name == "json") return LogFormat::Json;
  if (name == "journal") return LogFormat::Journal;
  return std::nullopt;
}

}  // namespace udsd
