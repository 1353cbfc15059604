// Body of command_usage.hpp.
#include "command_usage.hpp"

#include <cstdint>

#include "argument_schema.hpp"
#include "json_members.hpp"
#include "layout.hpp"
#include "visible_text.hpp"

namespace udsctl {
namespace {

using uds::Json;

/// Every value of a declared command is limited to that, which needs no saying.
constexpr std::uint64_t kUsualLength = 4096;

/// Clauses with commas between them.
class Clauses {
 public:
  void add(const std::string& clause) {
    if (clause.empty()) return;
    if (!text_.empty()) text_ += ", ";
    text_ += clause;
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

/// "0 to 10", "at least 0 items"; empty without bounds.
std::string bounds(const Json* least, const Json* most, const std::string& unit = {}) {
  const auto text = [](const Json& bound) { return uds::to_json_text(bound); };
  if (least != nullptr && most != nullptr) return text(*least) + " to " + text(*most) + unit;
  if (least != nullptr) return "at least " + text(*least) + unit;
  if (most != nullptr) return "at most " + text(*most) + unit;
  return {};
}

std::string choice_of(const Json& schema) {
  std::string list;
  if (const Json* allowed = member(schema, "enum"); allowed != nullptr && allowed->is_array())
    for (const Json& value : *allowed)
      list += (list.empty() ? "" : "|") +
              (value.is_string() ? value.get<std::string>() : uds::to_json_text(value));
  return list;
}

/// The expression as it was declared: that the whole value must match is said in words.
std::string pattern_of(const Json& schema) {
  constexpr std::string_view kBefore = "^(?:";
  constexpr std::string_view kBehind = ")$";
  std::string pattern = text_member(schema, "pattern");
  if (pattern.starts_with(kBefore) && pattern.ends_with(kBehind))
    pattern = pattern.substr(kBefore.size(), pattern.size() - kBefore.size() - kBehind.size());
  return pattern.empty() ? pattern : "all of it matches " + pattern;
}

/// "integer, 0 to 10", as far as the schema says: what one value must be.
void add_value(Clauses& out, const Json& schema, const std::string& before = {}) {
  const std::string directory = text_member(schema, "below");
  const std::string type = (is_secret(schema) ? "secret " : "") + std::string(type_of(&schema));
  out.add(before + (directory.empty() ? type : "path below " + directory));
  out.add(choice_of(schema));
  out.add(bounds(member(schema, "minimum"), member(schema, "maximum")));
  const Json* longest = member(schema, "maxLength");
  if (longest != nullptr && *longest == Json(kUsualLength)) longest = nullptr;
  out.add(bounds(member(schema, "minLength"), longest, " bytes"));
  out.add(pattern_of(schema));
}

std::string traits_of(const Json& schema, bool required) {
  Clauses out;
  const Json* items = member(schema, "items");
  if (type_of(&schema) == "array" && items != nullptr) {
    add_value(out, *items, "array of ");
    out.add(bounds(member(schema, "minItems"), member(schema, "maxItems"), " items"));
  } else {
    add_value(out, schema);
  }
  if (const Json* value = member(schema, "default"))
    out.add("default " + uds::to_json_text(*value));
  if (required) out.add("required");
  return visible(out.text());
}

std::string arguments_of(const Json& schema) {
  const Json* all = member(schema, "properties");
  if (all == nullptr || !all->is_object() || all->empty())
    return is_open(&schema) ? "Takes any arguments.\n" : "Takes no arguments.\n";
  std::string out = "Arguments:\n";
  for (const auto& [name, value] : all->items()) {
    out += "  " + padded("--" + visible(flag_of_property(name)), 22) + " " +
           traits_of(value, is_required(schema, name)) + "\n";
    if (const std::string summary = visible_member(value, "description"); !summary.empty())
      out += std::string(25, ' ') + summary + "\n";
    if (is_secret(value)) out += std::string(25, ' ') + "give it as " + visible(name) + "=@FILE\n";
  }
  return out;
}

}  // namespace

std::string usage_of(const Json& description, std::string_view verb) {
  const auto text = [&](std::string_view name) { return visible_member(description, name); };
  std::string out = "Usage: udsctl " + std::string(verb) + " " + text("name") +
                    " [--NAME VALUE | NAME=VALUE]...\n" + text("summary") + "\n";
  const Json* schema = member(description, "args");
  out += schema == nullptr ? "Takes no arguments.\n" : arguments_of(*schema);
  if (member(description, "descriptors") != nullptr && member(description, "detachable") != nullptr)
    out += "Reads standard input.\n";
  if (const std::string who = text("access"); !who.empty()) out += "Who may: " + who + "\n";
  return out;
}

}  // namespace udsctl
