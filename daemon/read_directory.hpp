// The names in a directory that is open. Owns nothing, and follows nothing.
#pragma once

#include <string>
#include <vector>

#include "uds/result.hpp"

namespace udsd {

/// The names of all entries of `directory` but "." and "..", sorted; from its beginning, however
/// often it is asked. Errors: errno of openat(2) or readdir(3).
uds::Result<std::vector<std::string>> read_directory(int directory);

}  // namespace udsd
