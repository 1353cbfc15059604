// Bodies of uds/schema.hpp.
#include "uds/schema.hpp"

#include <algorithm>

namespace uds::schema {

namespace {

const char* name_of(Type type) {
  switch (type) {
    case Type::Any:
      return "any";
    case Type::Boolean:
      return "boolean";
    case Type::Integer:
      return "integer";
    case Type::Number:
      return "number";
    case Type::String:
      return "string";
    case Type::Array:
      return "array";
    case Type::Object:
      return "object";
  }
  return "any";
}

bool has_type(const Json& value, Type type) {
  switch (type) {
    case Type::Any:
      return true;
    case Type::Boolean:
      return value.is_boolean();
    case Type::Integer:
      return value.is_number_integer();
    case Type::Number:
      return value.is_number();
    case Type::String:
      return value.is_string();
    case Type::Array:
      return value.is_array();
    case Type::Object:
      return value.is_object();
  }
  return false;
}

/// Compared without a conversion that could lose or wrap: a number above int64 is above every
/// bound.
bool below(const Json& value, std::int64_t bound) {
  if (value.is_number_unsigned())
    return bound > 0 && value.get<std::uint64_t>() < static_cast<std::uint64_t>(bound);
  if (value.is_number_integer()) return value.get<std::int64_t>() < bound;
  return value.get<double>() < static_cast<double>(bound);
}

bool above(const Json& value, std::int64_t bound) {
  if (value.is_number_unsigned())
    return bound < 0 || value.get<std::uint64_t>() > static_cast<std::uint64_t>(bound);
  if (value.is_number_integer()) return value.get<std::int64_t>() > bound;
  return value.get<double>() > static_cast<double>(bound);
}

}  // namespace

void Value::check(const Json& value, const std::string& pointer,
                  std::vector<Violation>& out) const {
  if (!has_type(value, type_)) {
    out.emplace_back(pointer, std::string("must be of type ") + name_of(type_));
    return;
  }
  if (value.is_number()) {
    if (minimum_ && below(value, *minimum_))
      out.emplace_back(pointer, "must be at least " + std::to_string(*minimum_));
    if (maximum_ && above(value, *maximum_))
      out.emplace_back(pointer, "must be at most " + std::to_string(*maximum_));
  }
  if (max_length_ && value.is_string() && value.get_ref<const std::string&>().size() > *max_length_)
    out.emplace_back(pointer, "must have at most " + std::to_string(*max_length_) + " bytes");
  if (max_length_ && value.is_array() && value.size() > *max_length_)
    out.emplace_back(pointer, "must have at most " + std::to_string(*max_length_) + " items");
  if (!allowed_.empty() && std::ranges::find(allowed_, value) == allowed_.end())
    out.emplace_back(pointer, "must be one of " + to_json_text(Json(allowed_)));
}

Json Value::to_json() const {
  Json out = Json::object();
  if (type_ != Type::Any) out["type"] = name_of(type_);
  if (!summary_.empty()) out["description"] = summary_;
  if (fallback_) out["default"] = *fallback_;
  if (minimum_) out["minimum"] = *minimum_;
  if (maximum_) out["maximum"] = *maximum_;
  if (max_length_) out[type_ == Type::Array ? "maxItems" : "maxLength"] = *max_length_;
  if (!allowed_.empty()) out["enum"] = allowed_;
  return out;
}

}  // namespace uds::schema
