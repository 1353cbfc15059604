// Bodies of parameter.hpp.
#include "declared/parameter.hpp"

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

bool is_text(Parameter::Type type) {
  return type == Parameter::Type::String || type == Parameter::Type::Path;
}

/// The value that `text` stands for; nothing if text_of() would not write that value so. A number
/// that is spelled in another way ("007", "1e2", " 1", "inf") would be checked as one thing and
/// reach the program as another.
std::optional<Json> value_of(Parameter::Type type, const std::string& text) {
  if (is_text(type)) return Json(text);
  auto value = uds::parse_json(text);
  if (!value || value->is_string() || text_of(*value) != text) return std::nullopt;
  return *std::move(value);
}

}  // namespace

std::optional<std::string> unfit_for_argument(std::string_view text) {
  if (text.size() > kMostValueBytes)
    return "is longer than " + std::to_string(kMostValueBytes) + " bytes";
  if (has_control(text)) return "has a control character";
  if (!is_utf8(text)) return "is no UTF-8";
  return std::nullopt;
}

bool Parameter::always_there() const noexcept {
  return (required || fallback) && (!spread || min_items.value_or(0) > 0);
}

std::optional<std::string> Parameter::part_below(std::string_view path) const {
  if (path.starts_with('/')) {
    const std::string_view directory =
        std::string_view(below).substr(0, below.find_last_not_of('/') + 1);
    if (!path.starts_with(directory) || path.substr(directory.size(), 1) != "/")
      return std::nullopt;
    path.remove_prefix(directory.size() + 1);
  }
  for (std::string_view rest = path;;) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (part.empty() || part == "." || part == "..") return std::nullopt;
    if (part.size() == rest.size()) return std::string(path);
    rest.remove_prefix(part.size() + 1);
  }
}

std::optional<std::string> Parameter::unfit(std::string_view text) const {
  if (const auto why = unfit_for_argument(text)) return name + " " + *why;
  if (type == Type::Path && !part_below(text))
    return name + " must be a path below " + below + ", without . and .. in it";
  return std::nullopt;
}

uds::schema::Value Parameter::schema() const {
  uds::schema::Value value = rule;
  if (!below.empty()) value.note("below", below);
  if (secret) value.note("writeOnly", true);
  if (spread) {
    value = uds::schema::array().items(value);
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
    if (auto why = unfit(text)) return *std::move(why);
  return out;
}

std::optional<std::string> Parameter::problem(const std::vector<std::string>& texts) const {
  if (!spread && texts.size() != 1) return name + " is one value";
  Json value = Json::array();
  for (const std::string& text : texts) {
    if (auto why = unfit(text)) return why;
    auto item = value_of(type, text);
    if (!item) return name + " is of another type, or not written as udsd writes it";
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
