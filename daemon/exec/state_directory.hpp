// The directory that all runs and the audit log of an instance are in. Makes it where it is
// missing (a private instance also what is missing above it), and uses none that another user could
// meddle with.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "exec/instance.hpp"
#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace udsd {

/// Two open directories, and who may read what is made in them.
struct StateDirectory {
  std::string path;
  uds::Fd top;
  uds::Fd runs;
  std::optional<gid_t> readers;  ///< the group of udsd; nothing: nobody but the owner

  /// Error: a sentence that says what to do.
  static uds::Result<StateDirectory, std::string> open(const Instance& instance);

  /// Gives what `descriptor` refers to the mode and group of a directory, a file or a socket of
  /// ours.
  [[nodiscard]] bool share_directory(int descriptor) const noexcept;
  [[nodiscard]] bool share_file(int descriptor) const noexcept;
};

}  // namespace udsd
