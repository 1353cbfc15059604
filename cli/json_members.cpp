// Body of json_members.hpp.
#include "json_members.hpp"

#include "visible_text.hpp"

namespace udsctl {

const uds::Json* member(const uds::Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_member(const uds::Json& object, std::string_view name) {
  const uds::Json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::string visible_member(const uds::Json& object, std::string_view name) {
  return visible(text_member(object, name));
}

}  // namespace udsctl
