// What a command is handed over beside the texts of its declaration: its environment, and paths as
// descriptors. Pure.
//
// udsd-exec makes it so for a run, and udsd shows it to whoever asks what would be run.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "declared/declaration.hpp"
#include "shared/account.hpp"

namespace udsd {

/// Where a command writes its progress.
inline constexpr int kProgressDescriptor = 3;
/// The first path of the argument vector; others follow.
inline constexpr int kFirstPath = 4;

/// Who runs it.
struct CallerName {
  uid_t uid = 0;
  std::string user;
};

/// The environment of a command that `target` is to run: built from nothing. `run`: its id.
std::map<std::string, std::string> environment_of(const Declaration& declared,
                                                  const Account& target, const CallerName& caller,
                                                  const std::string& run);

/// A file that is opened for the command.
struct HandedPath {
  std::string argument;  ///< that it is a value of
  int descriptor = 0;
  std::string directory;  ///< that it lies in
  std::string path;       ///< from there
};

/// Replaces each path in `values` by the name of the descriptor that it will be. The values fit.
std::vector<HandedPath> hand_over_paths(const Declaration& declared, ArgumentTexts& values);

}  // namespace udsd
