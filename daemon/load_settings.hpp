// Puts the sources of settings together: built-in values, then the configuration file, then
// environment and command line.
#pragma once

#include <vector>

#include "config.hpp"
#include "declared/declaration.hpp"
#include "options.hpp"
#include "settings.hpp"
#include "uds/result.hpp"

namespace udsd {

/// Settings and the file they came from; no file when there is none in the default place.
struct LoadedSettings {
  Settings settings;
  std::optional<std::string> file;
};

/// Called at start and for every reload. A file named in `options` must exist, the default one need
/// not. Error: all that is wrong, one sentence each.
uds::Result<LoadedSettings, ConfigErrors> load_settings(const Options& options);

/// The declared commands of an instance with these settings. Error as above.
uds::Result<std::vector<Declaration>, ConfigErrors> load_declared(const LoadedSettings& loaded,
                                                                  const Options& options);

}  // namespace udsd
