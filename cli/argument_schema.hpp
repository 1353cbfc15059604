// Questions to the JSON Schema that the daemon gives of a command's arguments. Pure.
//
// A daemon may leave out anything; what is not said is null or empty here, and never a failure.
#pragma once

#include "uds/json.hpp"

#include <string>
#include <string_view>

namespace udsctl {

/// What `schema` says of the property `name`, or null. `schema` may be null.
const uds::Json* property(const uds::Json* schema, std::string_view name);

/// The type that `schema` names, such as "integer"; empty where it names none.
std::string_view type_of(const uds::Json* schema);

/// Whether `schema` says that a value is never shown.
bool is_secret(const uds::Json& schema);

/// Whether `schema` demands the property `name`.
bool is_required(const uds::Json& schema, std::string_view name);

/// Whether properties that `schema` does not name are allowed, too.
bool is_open(const uds::Json* schema);

/// The name of the property that a flag means: `interval-ms` is interval_ms where there is one.
std::string property_of_flag(const uds::Json& schema, std::string flag);

/// The flag for a property, without its dashes: `interval-ms` for interval_ms.
std::string flag_of_property(std::string_view name);

}  // namespace udsctl
