// Bodies of parameter.hpp.
#include "declared/parameter.hpp"

#include <charconv>
#include <cstdint>
#include <utility>

namespace udsd {
namespace {

using uds::Json;

/// C0, DEL and C1 (as UTF-8): nothing that a program needs as an argument, and much that a log or a
/// terminal could misread.
bool has_control(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0)
      return true;
  }
  return false;
}

/// Whether `text` survives as a JSON string: anything that is not UTF-8 would become another text.
bool is_utf8(std::string_view text) {
  std::string quoted;
  uds::append_json_string(quoted, text);
  return quoted.find("\uFFFD") == std::string::npos || text.find("\uFFFD") != std::string::npos;
}

std::string text_of(const Json& item) {
  return item.is_string() ? item.get<std::string>() : uds::to_json_text(item);
}

/// The value that `text` stands for; nothing if it stands for none of that type.
std::optional<Json> value_of(Parameter::Type type, const std::string& text) {
  const auto number = [&text](auto value) -> std::optional<Json> {
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc() || stop != end) return std::nullopt;
    return Json(value);
  };
  switch (type) {
    case Parameter::Type::Integer:
      return number(std::int64_t{0});
    case Parameter::Type::Number:
      return number(0.0);
    case Parameter::Type::Boolean:
      if (text == "true") return Json(true);
      if (text == "false") return Json(false);
      return std::nullopt;
    case Parameter::Type::String:
    case Parameter::Type::Path:
      return Json(text);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unfit_for_argument(std::string_view text) {
  if (text.size() > kMostValueBytes)
    return "is longer than " + std::to_string(kMostValueBytes) + " bytes";
  if (has_control(text)) return "has a control character";
  if (!is_utf8(text)) return "is no UTF-8";
  return std::nullopt;
}

uds::schema::Value Parameter::schema() const {
  uds::schema::Value value = rule;
  if (spread) {
    value = uds::schema::array().items(rule);
    if (min_items) value.min_items(*min_items);
    if (max_items) value.max_items(*max_items);
  }
  if (!summary.empty()) value.summary(summary);
  if (fallback)
    value.fallback(*fallback);
  else if (required)
    value.required();
  return value;
}

uds::Result<std::vector<std::string>, std::string> Parameter::texts(const Json& value) const {
  std::vector<std::string> out;
  if (value.is_array())
    for (const Json& item : value) out.push_back(text_of(item));
  else
    out.push_back(text_of(value));
  for (const std::string& text : out)
    if (const auto why = unfit_for_argument(text)) return name + " " + *why;
  return out;
}

std::optional<std::string> Parameter::problem(const std::vector<std::string>& texts) const {
  if (!spread && texts.size() != 1) return name + " is one value";
  Json value = Json::array();
  for (const std::string& text : texts) {
    if (const auto why = unfit_for_argument(text)) return name + " " + *why;
    auto item = value_of(type, text);
    if (!item) return name + " is of another type";
    value.push_back(*std::move(item));
  }
  Json arguments = Json::object();
  arguments[name] = spread ? std::move(value) : std::move(value.front());
  uds::schema::Value whole = uds::schema::object();
  const auto violations = whole.property(name, schema()).check(arguments);
  if (violations.empty()) return std::nullopt;
  return name + " " + violations.front().message;
}

}  // namespace udsd
