// The configuration file udsd.toml: text in, settings or a list of errors out.
//
// Every error names file, line and column and what would be right. Unknown keys, users and groups
// are errors: a rule that silently matches nobody, or a limit that silently does not apply, is
// worse than a daemon that does not start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"
#include "uds/result.hpp"

namespace udsd {

/// One sentence per error, each starting with "FILE:LINE:COLUMN: " (or "FILE: " where there is no
/// position).
using ConfigErrors = std::vector<std::string>;

/// Applies the file at `path` to `base`. A file that cannot be read is an error.
uds::Result<Settings, ConfigErrors> load_config(const std::string& path, Settings base);
/// Applies `text`; `path` is only for errors.
uds::Result<Settings, ConfigErrors> parse_config(std::string_view text, const std::string& path,
                                                 Settings base);

/// Every key there is, as "section.key".
std::vector<std::string> config_keys();

}  // namespace udsd
