// What a command takes, as the daemon's `help` says it, laid out for people. Pure.
#pragma once

#include "uds/json.hpp"

#include <string>
#include <string_view>

namespace udsctl {

/// What `udsctl VERB COMMAND --help` prints, from what the daemon's `help` says of the command.
std::string usage_of(const uds::Json& description, std::string_view verb);

}  // namespace udsctl
