// Members of JSON that somebody else has written: what is missing or of another type is none, and
// never a failure. Pure.
#pragma once

#include "uds/json.hpp"

#include <string>
#include <string_view>

namespace udsctl {

/// The member `name` of `object`; null where it has none, or is no object.
const uds::Json* member(const uds::Json& object, std::string_view name);
/// Its text; empty where it is none.
std::string text_member(const uds::Json& object, std::string_view name);
/// The same as a terminal may show it.
std::string visible_member(const uds::Json& object, std::string_view name);

}  // namespace udsctl
