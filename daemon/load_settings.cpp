// Each source is applied over the ones before it, so the last one wins.
#include "load_settings.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "declaration_rules.hpp"
#include "declared/load_declarations.hpp"
#include "log.hpp"
#include "paths.hpp"

namespace udsd {
namespace {

Settings built_in_settings(const Options& options) {
  Settings settings;
  if (options.user) {
    settings.socket.mode = 0600;
    settings.commands_dirs.clear();
    if (auto directory = user_commands_directory())
      settings.commands_dirs.push_back(*std::move(directory));
    settings.state_dir = user_state_directory().value_or("");
  }
  settings.log.format = default_log_format();
  return settings;
}

// Anything but "there is none" counts as existing: reading it then says what is wrong.
bool exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

void apply(const Options& options, Settings& settings) {
  if (options.socket) {
    settings.socket.path = *options.socket;
    settings.socket.path_is_explicit = true;
  }
  if (options.mode) settings.socket.mode = *options.mode;
  if (options.owner) settings.socket.owner = options.owner;
  if (options.group) settings.socket.group = options.group;
  if (options.log_level) settings.log.level = *options.log_level;
  if (options.log_format) settings.log.format = *options.log_format;
  if (options.commands_dir) settings.commands_dirs = {*options.commands_dir};
  if (options.state_dir) settings.state_dir = *options.state_dir;
  if (options.exec_socket) settings.exec_socket = options.exec_socket;
}

}  // namespace

uds::Result<LoadedSettings, ConfigErrors> load_settings(const Options& options) {
  LoadedSettings loaded{built_in_settings(options), options.config};
  if (!loaded.file) {
    loaded.file = default_config_path(options.user);
    if (loaded.file && !exists(*loaded.file)) loaded.file.reset();
  }
  if (loaded.file) {
    auto from_file = load_config(*loaded.file, std::move(loaded.settings));
    if (!from_file) return from_file.error();
    loaded.settings = *std::move(from_file);
  }
  apply(options, loaded.settings);
  if (options.user && !loaded.settings.socket.path_is_explicit) {
    auto path = user_socket_path();
    if (!path) return ConfigErrors{path.error().message()};
    loaded.settings.socket.path = *std::move(path);
  }
  return loaded;
}

uds::Result<std::vector<Declaration>, ConfigErrors> load_declared(const LoadedSettings& loaded,
                                                                  const Options& options) {
  return load_declarations(loaded.settings.commands_dirs,
                           declaration_rules(loaded.settings, options.user));
}

}  // namespace udsd
