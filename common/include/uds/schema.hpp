// What a command's arguments may be: a small subset of JSON Schema of our own, declared once in
// code.
//
// Checked before a handler runs, shown by `help` as JSON Schema. Pure. A declaration that makes no
// sense throws std::invalid_argument when it is made, so that no check is ever left out silently:
// a keyword that does not go with the type, a bad pattern, a default that does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "uds/json.hpp"

/// The arguments of commands, declared in code.
namespace uds::schema {

namespace detail {
class Pattern;
class Report;
}  // namespace detail

/// What a value is in JSON. Integer takes 64-bit integers written without fraction or exponent: 1.0
/// is none, although JSON Schema thinks it is. Any takes everything.
enum class Type { Any, Boolean, Integer, Number, String, Array, Object };

/// Why a value does not fit.
class Violation {
 public:
  /// `where`: a JSON pointer; `why`: one clause.
  Violation(std::string where, std::string why)
      : pointer(std::move(where)), message(std::move(why)) {}

  std::string pointer;  ///< JSON pointer (RFC 6901) to the offending value, relative to the root
  std::string message;  ///< what would be right, in one clause
};

/// One request reports no more violations than this: the answer to a hostile one must stay small,
/// and people mend a few at a time.
inline constexpr std::size_t kMaxViolations = 32;

/// The description of one value. Build it with the factories below; setters return the object, and
/// throw std::invalid_argument where the declaration makes no sense.
class Value {
 public:
  /// Any value of `type`, until more is said.
  explicit Value(Type type) : type_(type) {}

  /// As a property of an object: it must be there. For values of any type, like the next four.
  Value& required() {
    required_ = true;
    return *this;
  }
  /// What it is for, in a few words; `help` shows it.
  Value& summary(std::string text) {
    summary_ = std::move(text);
    return *this;
  }
  /// Used when the property is absent; makes it optional.
  Value& fallback(Json value) {
    fallback_ = std::move(value);
    return *this;
  }
  /// A member of the JSON Schema that informs and is never checked, such as `writeOnly`. Throws for
  /// the keywords that a schema writes itself.
  Value& note(const std::string& keyword, Json value);
  /// The values that are allowed: at least one, none of them an array or object.
  Value& one_of(std::vector<Json> values);
  /// The one value that is allowed, neither an array nor an object.
  Value& constant(Json value);

  ///@{
  /// Inclusive bounds of an integer or number.
  Value& minimum(std::int64_t value);
  Value& maximum(std::int64_t value);
  ///@}

  ///@{
  /// Bounds of a string in bytes of UTF-8, where JSON Schema counts characters.
  Value& min_length(std::size_t bytes);
  Value& max_length(std::size_t bytes);
  ///@}
  /// A regular expression in the syntax of RE2, for a string. It must match the WHOLE value,
  /// although patterns of JSON Schema match anywhere; `help` shows it anchored. Matching takes time
  /// linear in the value, whatever the pattern.
  Value& pattern(const std::string& expression);

  ///@{
  /// Bounds of an array in items.
  Value& min_items(std::size_t count);
  Value& max_items(std::size_t count);
  ///@}
  /// What every item of an array must be.
  Value& items(Value element);

  /// Declares a property of an object. Throws if it is declared already.
  Value& property(std::string name, Value value);
  /// Lets properties that are not declared pass unchecked. Without it they are refused.
  Value& open();

  /// Whether any property was declared.
  [[nodiscard]] bool has_properties() const noexcept { return !properties_.empty(); }
  /// Adds the defaults of absent properties to `value`, at every level, and says what does not fit:
  /// at most kMaxViolations, after which it stops.
  std::vector<Violation> check(Json& value) const;
  /// JSON Schema of it. `pattern` is anchored, so that other validators agree.
  [[nodiscard]] Json to_json() const;

 private:
  void check(Json& value, detail::Report& report) const;
  void check_number(const Json& value, detail::Report& report) const;
  void check_string(const std::string& value, detail::Report& report) const;
  void check_array(Json& value, detail::Report& report) const;
  void check_object(Json& value, detail::Report& report) const;
  [[nodiscard]] const Value* find_property(const std::string& name) const;

  Type type_;
  bool required_ = false;
  bool open_ = false;
  std::string summary_;
  std::vector<std::pair<std::string, Json>> notes_;
  std::optional<Json> fallback_;
  std::vector<Json> allowed_;
  std::optional<Json> constant_;
  std::optional<std::int64_t> minimum_;
  std::optional<std::int64_t> maximum_;
  std::optional<std::size_t> min_length_;
  std::optional<std::size_t> max_length_;
  std::shared_ptr<const detail::Pattern> pattern_;
  std::optional<std::size_t> min_items_;
  std::optional<std::size_t> max_items_;
  std::shared_ptr<const Value> items_;
  std::vector<std::pair<std::string, Value>> properties_;
};

///@{
/// A value of this type; setters say more.
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
///@}

}  // namespace uds::schema
