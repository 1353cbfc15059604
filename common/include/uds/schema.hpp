// What a command's arguments may be: a small subset of JSON Schema of our own, declared once in
// code.
//
// Checked before a handler runs, shown by `help` as JSON Schema. Pure. Knows types, bounds,
// lengths, enumerations and defaults; keys that are not declared are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "uds/json.hpp"

namespace uds::schema {

enum class Type { Any, Boolean, Integer, Number, String, Array, Object };

/// Why a value does not fit.
class Violation {
 public:
  Violation(std::string where, std::string why)
      : pointer(std::move(where)), message(std::move(why)) {}

  std::string pointer;  ///< JSON pointer (RFC 6901) to the offending value, relative to `args`
  std::string message;  ///< what would be right, in one clause
};

/// The description of one value. Build it with the factories below; setters return the object.
class Value {
 public:
  explicit Value(Type type) : type_(type) {}

  Value& required() {
    required_ = true;
    return *this;
  }
  Value& summary(std::string text) {
    summary_ = std::move(text);
    return *this;
  }
  /// Used when the value is absent; makes it optional.
  Value& fallback(Json value) {
    fallback_ = std::move(value);
    return *this;
  }
  /// Inclusive bounds of an integer or number.
  Value& minimum(std::int64_t value) {
    minimum_ = value;
    return *this;
  }
  Value& maximum(std::int64_t value) {
    maximum_ = value;
    return *this;
  }
  /// Bounds of a string in bytes, or of an array in items.
  Value& max_length(std::size_t value) {
    max_length_ = value;
    return *this;
  }
  Value& one_of(std::vector<Json> values) {
    allowed_ = std::move(values);
    return *this;
  }

  [[nodiscard]] bool is_required() const noexcept { return required_; }
  [[nodiscard]] const std::optional<Json>& default_value() const noexcept { return fallback_; }
  [[nodiscard]] Json to_json() const;
  /// Appends what is wrong with `value`, which stands at `pointer`.
  void check(const Json& value, const std::string& pointer, std::vector<Violation>& out) const;

 private:
  Type type_;
  bool required_ = false;
  std::string summary_;
  std::optional<Json> fallback_;
  std::optional<std::int64_t> minimum_;
  std::optional<std::int64_t> maximum_;
  std::optional<std::size_t> max_length_;
  std::vector<Json> allowed_;
};

inline Value any() {
  return Value(Type::Any);
}
inline Value boolean() {
  return Value(Type::Boolean);
}
inline Value integer() {
  return Value(Type::Integer);
}
inline Value number() {
  return Value(Type::Number);
}
inline Value string() {
  return Value(Type::String);
}
inline Value array() {
  return Value(Type::Array);
}
inline Value object() {
  return Value(Type::Object);
}

}  // namespace uds::schema
