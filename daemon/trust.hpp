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

}  // namespace udsd
