// A table of keys, each with the types that it goes with. What the schema itself refuses (a bad
// pattern, a default that does not fit) is told as it says it.
#include "declared/parameter_values.hpp"

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace udsd {
namespace {

using Type = Parameter::Type;

constexpr std::array kTypes{
    std::pair{std::string_view("string"), Type::String},
    std::pair{std::string_view("integer"), Type::Integer},
    std::pair{std::string_view("number"), Type::Number},
    std::pair{std::string_view("boolean"), Type::Boolean},
    std::pair{std::string_view("path"), Type::Path},
};
constexpr const char* kTypeNames = "\"string\", \"integer\", \"number\", \"boolean\" or \"path\"";

uds::schema::Value schema_of(Type type) {
  switch (type) {
    case Type::Integer:
      return uds::schema::integer();
    case Type::Number:
      return uds::schema::number();
    case Type::Boolean:
      return uds::schema::boolean();
    case Type::String:
    case Type::Path:
      break;
  }
  return uds::schema::string().max_length(kMostValueBytes);
}

std::optional<Type> parse_type(const std::string& text) {
  for (const auto& [name, type] : kTypes)
    if (name == text) return type;
  return std::nullopt;
}

/// A text, number, boolean, or an array of them.
std::optional<uds::Json> read_json(const toml::node& node, Findings& findings) {
  if (const auto text = node.value_exact<std::string>()) return uds::Json(*text);
  if (const auto flag = node.value_exact<bool>()) return uds::Json(*flag);
  if (const auto number = node.value_exact<double>()) return uds::Json(*number);
  if (const auto number = node.value_exact<std::int64_t>())
    // As everywhere: an integer from 0 upwards is unsigned.
    return *number < 0 ? uds::Json(*number) : uds::Json(static_cast<std::uint64_t>(*number));
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    findings.add(node.source(), "must be a text, a number, true or false, or a list of such");
    return std::nullopt;
  }
  uds::Json all = uds::Json::array();
  for (const toml::node& item : *list) {
    auto value = read_json(item, findings);
    if (!value) return std::nullopt;
    all.push_back(*std::move(value));
  }
  return all;
}

template <class T>
bool is_above(const std::optional<T>& least, const std::optional<T>& most) {
  return least && most && *least > *most;
}

/// Reads the keys of one argument, then checks what they say together.
class ParameterReader {
 public:
  ParameterReader(Parameter& out, Findings& findings) : out_(out), findings_(findings) {}

  void read(std::string_view key, const toml::key& name, const toml::node& node) {
    if (key == "summary") {
      if (auto text = read_summary(node, findings_)) out_.summary = *std::move(text);
    } else if (key == "required") {
      set(out_.required, node);
    } else if (key == "spread") {
      set(out_.spread, node);
    } else if (key == "secret") {
      set(out_.secret, node);
    } else if (key == "below") {
      if (auto text = read_text(node, "the absolute path of a directory", findings_))
        out_.below = *std::move(text);
    } else if (key == "default") {
      if (auto value = read_json(node, findings_)) out_.fallback = *std::move(value);
    } else if (key == "min_items" || key == "max_items") {
      if (const auto count = read_count(node, 0, 4'096, findings_))
        (key == "min_items" ? out_.min_items : out_.max_items) = count;
    } else if (!read_rule(key, node)) {
      findings_.add(name.source(),
                    "unknown key " + uds::log_quote(key) +
                        "; an argument has type, summary, required, default, enum, pattern, "
                        "min_length, max_length, minimum, maximum, spread, min_items, max_items, "
                        "below and secret");
    }
  }

  void check_whole(const toml::node& node) {
    const auto wrong = [&](const std::string& what) { findings_.add(node.source(), what); };
    if ((out_.type == Type::Path) != !out_.below.empty())
      wrong("a path has below, the directory that it must lie in; nothing else has");
    if (!out_.below.empty() && !out_.below.starts_with('/')) wrong("below is an absolute path");
    if (out_.spread && !out_.max_items)
      wrong("an argument that spreads has max_items, so that nobody can send thousands");
    if (!out_.spread && (out_.min_items || out_.max_items))
      wrong("min_items and max_items go with spread = true");
    if (out_.secret && (out_.spread || out_.fallback))
      wrong("a secret is one value that the caller sends: it neither spreads nor has a default");
    if (out_.fallback && !out_.spread && out_.fallback->is_array())
      wrong("the default is one value; a list goes with spread = true");
    if (is_above(out_.minimum, maximum_)) wrong("minimum is above maximum, so no value fits");
    if (is_above(min_length_, max_length_))
      wrong("min_length is above max_length, so no value fits");
    if (is_above(out_.min_items, out_.max_items))
      wrong("min_items is above max_items, so no list fits");
    for (uds::Json value : out_.allowed)
      if (const auto why = fault_of(value))
        wrong("enum has " + uds::to_json_text(value) + ", which never fits: " + *why);
    if (!out_.fallback) return;
    if (const auto texts = out_.texts(*out_.fallback); !texts)
      wrong("the default does not fit: " + texts.error());
  }

 private:
  /// Why `value` is none that a request may have.
  [[nodiscard]] std::optional<std::string> fault_of(uds::Json& value) const {
    const auto violations = out_.rule.check(value);
    if (!violations.empty()) return "it " + violations.front().message;
    const auto texts = out_.texts(value);
    return texts ? std::nullopt : std::optional(texts.error());
  }

  void set(bool& flag, const toml::node& node) {
    if (const auto value = read_flag(node, findings_)) flag = *value;
  }

  /// Keys that narrow what one value may be; false if there is no such key.
  bool read_rule(std::string_view key, const toml::node& node) {
    if (key == "pattern") {
      if (auto text = read_text(node, "a regular expression", findings_)) {
        out_.rule.pattern(*text);
        out_.pattern = *std::move(text);
      }
    } else if (key == "enum") {
      read_allowed(node);
    } else if (key == "min_length" || key == "max_length") {
      read_length(key == "min_length", node);
    } else if (key == "minimum" || key == "maximum") {
      read_bound(key == "minimum", node);
    } else {
      return false;
    }
    return true;
  }

  void read_allowed(const toml::node& node) {
    const auto list = read_json(node, findings_);
    if (!list) return;
    if (!list->is_array() || list->empty())
      return findings_.add(node.source(),
                           "must be a list of the values that are allowed, one at least");
    out_.allowed = list->get<std::vector<uds::Json>>();
    out_.rule.one_of(out_.allowed);
  }

  void read_length(bool least, const toml::node& node) {
    const auto bytes = read_count(node, 0, kMostValueBytes, findings_);
    if (!bytes) return;
    (least ? min_length_ : max_length_) = bytes;
    least ? out_.rule.min_length(*bytes) : out_.rule.max_length(*bytes);
  }

  void read_bound(bool least, const toml::node& node) {
    const auto bound = node.value_exact<std::int64_t>();
    if (!bound) return findings_.add(node.source(), "must be a whole number");
    (least ? out_.minimum : maximum_) = bound;
    least ? out_.rule.minimum(*bound) : out_.rule.maximum(*bound);
  }

  Parameter& out_;
  Findings& findings_;
  std::optional<std::size_t> min_length_;
  std::optional<std::size_t> max_length_;
  std::optional<std::int64_t> maximum_;
};

}  // namespace

std::optional<std::string> read_summary(const toml::node& node, Findings& findings) {
  auto text = read_text(node, "a text", findings);
  const auto why = text ? unfit_for_argument(*text) : std::nullopt;
  if (!why) return text;
  findings.add(node.source(), "the summary " + *why + "; it is one line for people");
  return std::nullopt;
}

std::optional<Parameter> read_parameter(const std::string& name, const toml::node& node,
                                        Findings& findings) {
  const toml::table* table = node.as_table();
  const toml::node* type = table == nullptr ? nullptr : table->get("type");
  if (type == nullptr) {
    findings.add(node.source(),
                 "must be a table such as { type = \"string\", pattern = \"[a-z]+\" }");
    return std::nullopt;
  }
  const auto known = read_parsed(*type, kTypeNames, parse_type, findings);
  if (!known) return std::nullopt;
  Parameter parameter;
  parameter.name = name;
  parameter.type = *known;
  parameter.rule = schema_of(*known);
  ParameterReader reader(parameter, findings);
  try {
    for (const auto& [key, value] : *table)
      if (key.str() != "type") reader.read(key.str(), key, value);
    uds::schema::object().property(name, parameter.schema());
  } catch (const std::invalid_argument& error) {
    findings.add(node.source(), error.what());
    return std::nullopt;
  }
  reader.check_whole(node);
  return parameter;
}

}  // namespace udsd
