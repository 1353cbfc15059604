// Who can have written a file. Declarations, the configuration and the places of the socket and of
// runs decide who may do what, so only root, or the user of a private instance, may write there.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace udsd {

/// Why what `descriptor` refers to is not trusted, the end of a sentence that names it; nothing if
/// it belongs to root or `owner`, and nobody else may write to it.
std::optional<std::string> distrust(int descriptor, uid_t owner);
/// The same of what stands at `path`, links followed; nothing where there is nothing.
std::optional<std::string> distrust_path(const std::string& path, uid_t owner);
/// Why the directory that `descriptor` refers to cannot hold what `owner` writes for itself alone:
/// another's counts as little as one that others may write to.
std::optional<std::string> distrust_store(int descriptor, uid_t owner);
/// The same of what stands at `path`, which must be a directory and no link to one.
std::optional<std::string> distrust_store_at(const std::string& path, uid_t owner);

/// The directory that the file at `path` stands in.
std::string directory_of(const std::string& path);

}  // namespace udsd
