// Bodies of argument_schema.hpp.
#include "argument_schema.hpp"

#include "json_members.hpp"

#include <algorithm>

namespace udsctl {

using uds::Json;

const Json* property(const Json* schema, std::string_view name) {
  const Json* all = schema == nullptr ? nullptr : member(*schema, "properties");
  return all == nullptr ? nullptr : member(*all, name);
}

std::string_view type_of(const Json* schema) {
  const Json* type = schema == nullptr ? nullptr : member(*schema, "type");
  return type != nullptr && type->is_string()
             ? std::string_view(type->get_ref<const std::string&>())
             : std::string_view();
}

bool is_secret(const Json& schema) {
  const Json* hidden = member(schema, "writeOnly");
  return hidden != nullptr && *hidden == Json(true);
}

bool is_required(const Json& schema, std::string_view name) {
  const Json* all = member(schema, "required");
  return all != nullptr && std::find(all->begin(), all->end(), Json(name)) != all->end();
}

bool is_open(const Json* schema) {
  const Json* more = schema == nullptr ? nullptr : member(*schema, "additionalProperties");
  return more == nullptr || *more != Json(false);
}

std::string property_of_flag(const Json& schema, std::string flag) {
  if (property(&schema, flag) != nullptr) return flag;
  std::string underscored = flag;
  std::replace(underscored.begin(), underscored.end(), '-', '_');
  return property(&schema, underscored) != nullptr ? underscored : flag;
}

std::string flag_of_property(std::string_view name) {
  std::string flag(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

}  // namespace udsctl
