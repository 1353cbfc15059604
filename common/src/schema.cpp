// Bodies of uds/schema.hpp, and the only file that knows RE2.
//
// Recursion follows the declaration, never the value, so no request can exhaust the stack.
// Messages are built from the declaration; of the value they carry no more than a cut key.
#include "uds/schema.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "uds/log.hpp"

namespace uds::schema {

namespace detail {

class Pattern {
 public:
  explicit Pattern(const std::string& expression) : compiled_(expression, options()) {
    if (!compiled_.ok())
      throw std::invalid_argument("pattern " + log_quote(expression) +
                                  " is no regular expression: " + log_quote(compiled_.error()));
  }

  [[nodiscard]] bool matches_all_of(const std::string& text) const {
    return RE2::FullMatch(text, compiled_);
  }
  [[nodiscard]] std::string anchored() const { return "^(?:" + compiled_.pattern() + ")$"; }

 private:
  static RE2::Options options() {
    RE2::Options out;
    out.set_log_errors(false);  // standard error is not ours
    return out;
  }

  RE2 compiled_;
};

/// What was found so far, and where the check stands.
class Report {
 public:
  [[nodiscard]] bool full() const noexcept { return violations.size() >= kMaxViolations; }
  void add(std::string why) {
    if (!full()) violations.emplace_back(pointer, std::move(why));
  }

  std::string pointer;
  std::vector<Violation> violations;
};

}  // namespace detail

namespace {

using detail::Report;

constexpr std::size_t kLongestForeignKey = 64;
constexpr std::size_t kLongestQuote = 256;

/// Lengthens the pointer by one key or index for as long as it lives.
class Segment {
 public:
  Segment(Report& report, std::string_view key)
      : pointer_(report.pointer), before_(pointer_.size()) {
    pointer_ += '/';
    for (const char c : key) {
      if (c == '~')
        pointer_ += "~0";
      else if (c == '/')
        pointer_ += "~1";
      else
        pointer_ += c;
    }
  }
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment() { pointer_.resize(before_); }

 private:
  std::string& pointer_;
  std::size_t before_;
};

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

void demand(bool fits, const char* keyword, Type type) {
  if (!fits)
    throw std::invalid_argument(std::string(keyword) + " does not go with type " + name_of(type));
}

void demand_scalar(const Json& value) {
  if (value.is_structured())
    throw std::invalid_argument("a value to compare with is an array or object");
}

/// Compared without a conversion that could lose or wrap: a number above int64 is above every
/// bound, and the 64 bits of a bound fit a long double.
bool below(const Json& value, std::int64_t bound) {
  if (value.is_number_unsigned())
    return bound > 0 && value.get<std::uint64_t>() < static_cast<std::uint64_t>(bound);
  if (value.is_number_integer()) return value.get<std::int64_t>() < bound;
  return static_cast<long double>(value.get<double>()) < static_cast<long double>(bound);
}

bool above(const Json& value, std::int64_t bound) {
  if (value.is_number_unsigned())
    return bound < 0 || value.get<std::uint64_t>() > static_cast<std::uint64_t>(bound);
  if (value.is_number_integer()) return value.get<std::int64_t>() > bound;
  return static_cast<long double>(value.get<double>()) > static_cast<long double>(bound);
}

/// Json's own comparison takes 18446744073709551615 for -1.
bool same(const Json& a, const Json& b) {
  const auto negative = [](const Json& number) {
    return !number.is_number_unsigned() && number.get<std::int64_t>() < 0;
  };
  if (a.is_number_integer() && b.is_number_integer() && negative(a) != negative(b)) return false;
  return a == b;
}

/// `text` of the declaration for a message, unless it is so long that 32 of them would be too much.
std::string shown(std::string text, const char* otherwise) {
  return text.size() > kLongestQuote ? otherwise : std::move(text);
}

}  // namespace

Value& Value::note(const std::string& keyword, Json value) {
  constexpr std::array<std::string_view, 16> kChecked{
      "type",      "description", "default",  "enum",
      "const",     "minimum",     "maximum",  "minLength",
      "maxLength", "pattern",     "minItems", "maxItems",
      "items",     "properties",  "required", "additionalProperties"};
  if (std::ranges::find(kChecked, keyword) != kChecked.end())
    throw std::invalid_argument("a note cannot stand for the keyword " + keyword);
  notes_.emplace_back(keyword, std::move(value));
  return *this;
}

Value& Value::one_of(std::vector<Json> values) {
  if (values.empty()) throw std::invalid_argument("one_of no value allows nothing");
  std::ranges::for_each(values, demand_scalar);
  allowed_ = std::move(values);
  return *this;
}

Value& Value::constant(Json value) {
  demand_scalar(value);
  constant_ = std::move(value);
  return *this;
}

Value& Value::minimum(std::int64_t value) {
  demand(type_ == Type::Integer || type_ == Type::Number, "minimum", type_);
  minimum_ = value;
  return *this;
}

Value& Value::maximum(std::int64_t value) {
  demand(type_ == Type::Integer || type_ == Type::Number, "maximum", type_);
  maximum_ = value;
  return *this;
}

Value& Value::min_length(std::size_t bytes) {
  demand(type_ == Type::String, "min_length", type_);
  min_length_ = bytes;
  return *this;
}

Value& Value::max_length(std::size_t bytes) {
  demand(type_ == Type::String, "max_length", type_);
  max_length_ = bytes;
  return *this;
}

Value& Value::pattern(const std::string& expression) {
  demand(type_ == Type::String, "pattern", type_);
  pattern_ = std::make_shared<const detail::Pattern>(expression);
  return *this;
}

Value& Value::min_items(std::size_t count) {
  demand(type_ == Type::Array, "min_items", type_);
  min_items_ = count;
  return *this;
}

Value& Value::max_items(std::size_t count) {
  demand(type_ == Type::Array, "max_items", type_);
  max_items_ = count;
  return *this;
}

Value& Value::items(Value element) {
  demand(type_ == Type::Array, "items", type_);
  items_ = std::make_shared<const Value>(std::move(element));
  return *this;
}

Value& Value::property(std::string name, Value value) {
  demand(type_ == Type::Object, "property", type_);
  if (find_property(name))
    throw std::invalid_argument("property declared twice: " + log_quote(name));
  if (value.fallback_) {
    // Checked here, where the declaration is complete; gets the defaults within it, too.
    const auto violations = value.check(*value.fallback_);
    if (!violations.empty()) {
      const Violation& first = violations.front();
      const std::string where = first.pointer.empty() ? "it" : log_quote(first.pointer);
      throw std::invalid_argument("the default of " + log_quote(name) + " does not fit: " + where +
                                  ' ' + first.message);
    }
  }
  properties_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Value& Value::open() {
  demand(type_ == Type::Object, "open", type_);
  open_ = true;
  return *this;
}

std::vector<Violation> Value::check(Json& value) const {
  Report report;
  check(value, report);
  return std::move(report.violations);
}

void Value::check(Json& value, Report& report) const {
  if (!has_type(value, type_)) {
    report.add(std::string("must be of type ") + name_of(type_));
    return;
  }
  if (constant_ && !same(value, *constant_))
    report.add("must be " + shown(to_json_text(*constant_), "the value that help shows"));
  if (!allowed_.empty() &&
      std::ranges::none_of(allowed_, [&value](const Json& each) { return same(value, each); }))
    report.add("must be one of " +
               shown(to_json_text(Json(allowed_)), "the values that help shows"));
  // Keywords go with one type only, so there is nothing to check in a value of type Any.
  if (type_ == Type::Integer || type_ == Type::Number) check_number(value, report);
  if (type_ == Type::String) check_string(value.get_ref<const std::string&>(), report);
  if (type_ == Type::Array) check_array(value, report);
  if (type_ == Type::Object) check_object(value, report);
}

void Value::check_number(const Json& value, Report& report) const {
  if (minimum_ && below(value, *minimum_))
    report.add("must be at least " + std::to_string(*minimum_));
  if (maximum_ && above(value, *maximum_))
    report.add("must be at most " + std::to_string(*maximum_));
}

void Value::check_string(const std::string& value, Report& report) const {
  if (min_length_ && value.size() < *min_length_)
    report.add("must have at least " + std::to_string(*min_length_) + " bytes");
  if (max_length_ && value.size() > *max_length_)
    report.add("must have at most " + std::to_string(*max_length_) + " bytes");
  else if (pattern_ && !pattern_->matches_all_of(value))
    report.add("must match " + shown(pattern_->anchored(), "the pattern that help shows"));
}

void Value::check_array(Json& value, Report& report) const {
  if (min_items_ && value.size() < *min_items_)
    report.add("must have at least " + std::to_string(*min_items_) + " items");
  if (max_items_ && value.size() > *max_items_)
    report.add("must have at most " + std::to_string(*max_items_) + " items");
  if (!items_) return;
  for (std::size_t index = 0; index < value.size() && !report.full(); ++index) {
    const Segment segment(report, std::to_string(index));
    items_->check(value[index], report);
  }
}

void Value::check_object(Json& value, Report& report) const {
  auto& members = value.get_ref<Json::object_t&>();
  for (auto& [key, member] : members) {
    if (report.full()) return;
    if (const Value* declared = find_property(key)) {
      const Segment segment(report, key);
      declared->check(member, report);
    } else if (!open_) {
      const Segment segment(report, std::string_view(key).substr(0, kLongestForeignKey));
      report.add("is unknown; leave it out");
    }
  }
  for (const auto& [name, declared] : properties_) {
    if (members.contains(name)) continue;
    if (declared.fallback_) {
      members.emplace(name, *declared.fallback_);
    } else if (declared.required_) {
      const Segment segment(report, name);
      report.add("is required");
    }
  }
}

const Value* Value::find_property(const std::string& name) const {
  const auto found = std::ranges::find(properties_, name, &std::pair<std::string, Value>::first);
  return found == properties_.end() ? nullptr : &found->second;
}

Json Value::to_json() const {
  Json out = Json::object();
  const auto show = [&out](const char* keyword, const auto& value) {
    if (value) out[keyword] = *value;
  };
  if (type_ != Type::Any) out["type"] = name_of(type_);
  if (!summary_.empty()) out["description"] = summary_;
  for (const auto& [keyword, value] : notes_) out[keyword] = value;
  show("default", fallback_);
  if (!allowed_.empty()) out["enum"] = allowed_;
  show("const", constant_);
  show("minimum", minimum_);
  show("maximum", maximum_);
  show("minLength", min_length_);
  show("maxLength", max_length_);
  if (pattern_) out["pattern"] = pattern_->anchored();
  show("minItems", min_items_);
  show("maxItems", max_items_);
  if (items_) out["items"] = items_->to_json();
  if (type_ != Type::Object) return out;

  for (const auto& [name, value] : properties_) {
    out["properties"][name] = value.to_json();
    if (value.required_ && !value.fallback_) out["required"].push_back(name);
  }
  out["additionalProperties"] = open_;
  return out;
}

}  // namespace uds::schema
