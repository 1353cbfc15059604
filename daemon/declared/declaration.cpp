// Body of declaration.hpp.
#include "declared/declaration.hpp"

#include <algorithm>

namespace udsd {

const Parameter* Declaration::parameter(std::string_view name_of_it) const noexcept {
  const auto found = std::ranges::find(parameters, name_of_it, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

uds::schema::Value Declaration::arguments() const {
  uds::schema::Value all = uds::schema::object();
  for (const Parameter& each : parameters) all.property(each.name, each.schema());
  return all;
}

}  // namespace udsd
