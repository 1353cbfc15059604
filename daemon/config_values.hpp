// The kinds of values that only udsd.toml has; the rest are in toml_values.hpp.
//
// Included by the two files of the configuration reader only; everything else sees Settings.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "settings.hpp"
#include "toml_values.hpp"

namespace udsd {

// Each returns nothing after having added a finding.
std::optional<std::string> read_path(const toml::node& node, Findings& findings);
std::optional<std::string> read_directory(const toml::node& node, Findings& findings);
std::optional<mode_t> read_mode(const toml::node& node, Findings& findings);
std::optional<uds::LogLevel> read_log_level(const toml::node& node, Findings& findings);
std::optional<LogFormat> read_log_format(const toml::node& node, Findings& findings);
/// "everyone", "admin", or { users = [...], groups = [...] }.
std::optional<uds::Access> read_access(const toml::node& node, Findings& findings);

}  // namespace udsd
