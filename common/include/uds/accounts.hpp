// Users and groups of this host by name or number.
//
// Asks the name service (getpwnam_r and relatives), which may read files or the network; so this is
// for starting and for configuration, never for a request.
#pragma once

#include <sys/types.h>

#include <string>

#include "uds/result.hpp"

namespace uds {

/// The number of the user `name`: a name or a decimal number. A number is taken as it is, without
/// asking whether somebody has it. (uid_t)-1 means "no user" and is refused. Errors: UnknownUser,
/// or errno of the name service.
Result<uid_t> find_user(const std::string& name);
/// The same for groups. Errors: UnknownGroup, or errno of the name service.
Result<gid_t> find_group(const std::string& name);

}  // namespace uds
