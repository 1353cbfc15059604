// Bodies of call_arguments.hpp.
#include "call_arguments.hpp"

#include "argument_schema.hpp"
#include "json_members.hpp"
#include "uds/similar.hpp"
#include "visible_text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace udsctl {
namespace {

using uds::Json;

/// One argument as it was typed.
struct Word {
  enum class Kind { Text, TextOrFile, Raw };
  std::string path;
  std::string value;
  Kind kind = Kind::Text;
};

/// As deep as a message may nest.
constexpr std::size_t kMostLevels = 64;

/// Whether `text` survives as a JSON string: anything that is not UTF-8 would become another text.
bool is_utf8(const std::string& text) {
  const auto back = uds::parse_json(uds::to_json_text(Json(text)));
  return back && back->is_string() && back->get_ref<const std::string&>() == text;
}

std::string no_such_argument(const Json* schema, const std::string& name) {
  std::vector<std::string_view> names;
  if (const Json* all = member(*schema, "properties"); all != nullptr && all->is_object())
    for (const auto& [candidate, ignored] : all->get_ref<const Json::object_t&>())
      names.push_back(candidate);
  const auto nearest = uds::similar_names(name, names, 1);
  return "there is no argument " + visible(name) +
         (nearest.empty() ? "" : " (did you mean " + visible(nearest.front()) + "?)");
}

/// `text` as a value of the type that `schema` names.
uds::Result<Json, std::string> typed(const Json* schema, const std::string& name,
                                     const std::string& text) {
  const std::string_view type = type_of(schema);
  const auto wrong = [&](const char* wanted) {
    return visible(name) + " must be " + wanted + ", and " + visible(text) + " is none";
  };
  if (type == "boolean") {
    if (text == "true") return Json(true);
    if (text == "false") return Json(false);
    return wrong("true or false: a boolean");
  }
  if (type == "integer" || type == "number") {
    auto number = uds::parse_json(text);
    const bool fits =
        number && (type == "number" ? number->is_number() : number->is_number_integer());
    if (fits) return *std::move(number);
    return wrong(type == "number" ? "a number" : "an integer");
  }
  if (type == "object")
    return visible(name) + " is an object: write " + visible(name) + ".NAME=VALUE, or " +
           visible(name) + ":=JSON";
  return Json(text);
}

/// Whether `word` adds an item to the array that `before` is.
bool is_more(const Word& word, const Json* described, const Json& before) {
  return word.kind != Word::Kind::Raw && type_of(described) == "array" && before.is_array();
}

/// Puts the value of `word` where its path says.
std::optional<std::string> place(Json& arguments, const Json& schema, const Word& word) {
  Json* target = &arguments;
  const Json* described = &schema;
  std::string_view rest = word.path;
  for (std::size_t level = 1;; ++level) {
    if (level == kMostLevels) return clip(visible(word.path), 40) + " nests too deep";
    const std::size_t dot = rest.find('.');
    const std::string name(rest.substr(0, dot));
    if (name.empty()) return "an argument without a name: " + visible(word.path);
    const Json* inner = property(described, name);
    if (inner == nullptr && described != nullptr && !is_open(described))
      return no_such_argument(described, name);
    if (!target->is_object()) return visible(word.path) + " is within something that is no object";
    const bool last = dot == std::string_view::npos;
    // Which of two was meant, nobody can know.
    if (last && target->contains(name) && !is_more(word, inner, target->at(name)))
      return visible(word.path) + " is given twice; give it once";
    target = &(*target)[name];
    described = inner;
    if (last) break;
    if (target->is_null()) *target = Json::object();
    rest.remove_prefix(dot + 1);
  }
  if (word.kind == Word::Kind::Raw) {
    auto parsed = uds::parse_json(word.value);
    if (!parsed)
      return visible(word.path) + " is no JSON: " + parsed.error().reason + " at byte " +
             std::to_string(parsed.error().offset);
    *target = *std::move(parsed);
    return std::nullopt;
  }
  const bool array = type_of(described) == "array";
  auto value = typed(array ? member(*described, "items") : described, word.path, word.value);
  if (!value) return value.error();
  if (array && !target->is_array()) *target = Json::array();
  if (array)
    target->push_back(*std::move(value));
  else
    *target = *std::move(value);
  return std::nullopt;
}

/// Takes one argument from the front of `words`, which is one word, or a flag and its value.
uds::Result<Word, std::string> take(const Json& schema, const std::vector<std::string>& words,
                                    std::size_t& next) {
  const std::string& text = words[next++];
  if (!is_utf8(text)) return visible(text) + " is no UTF-8";
  const std::size_t equals = text.find('=');
  if (text.starts_with("--")) {
    const std::string flag = text.substr(2, equals == std::string::npos ? equals : equals - 2);
    const std::string name = property_of_flag(schema, flag);
    if (equals != std::string::npos) return Word{name, text.substr(equals + 1)};
    const Json* described = property(&schema, name);
    if (type_of(described) == "boolean") return Word{name, "true"};
    if (described == nullptr && flag.starts_with("no-")) {
      const std::string denied = property_of_flag(schema, flag.substr(3));
      if (type_of(property(&schema, denied)) == "boolean") return Word{denied, "false"};
    }
    if (described == nullptr && !is_open(&schema)) return no_such_argument(&schema, name);
    if (next == words.size()) return "--" + visible(flag) + " needs a value";
    if (!is_utf8(words[next])) return visible(words[next]) + " is no UTF-8";
    return Word{name, words[next++]};
  }
  if (equals == std::string::npos || equals == 0)
    return visible(text) + " is no argument; write name=value or --name value";
  if (text[equals - 1] == ':')
    return Word{text.substr(0, equals - 1), text.substr(equals + 1), Word::Kind::Raw};
  return Word{text.substr(0, equals), text.substr(equals + 1), Word::Kind::TextOrFile};
}

}  // namespace

uds::Result<Json, std::string> read_arguments(const Json& schema,
                                              const std::vector<std::string>& words,
                                              const ReadFile& read_file) {
  Json arguments = Json::object();
  for (std::size_t next = 0; next < words.size();) {
    auto word = take(schema, words, next);
    if (!word) return word.error();
    if (word->kind == Word::Kind::TextOrFile && word->value.starts_with('@')) {
      const std::string path = word->value.substr(1);
      auto content = read_file(path);
      if (!content) return content.error().message();
      word->value = *std::move(content);
      if (!is_utf8(word->value)) return visible(path) + " is no UTF-8 text";
    }
    if (auto problem = place(arguments, schema, *word)) return *std::move(problem);
  }
  return arguments;
}

std::string missing_secret(const Json& schema, const Json& arguments) {
  const Json* all = member(schema, "properties");
  if (all == nullptr || !all->is_object()) return {};
  for (const auto& [name, described] : all->items())
    if (is_secret(described) && is_required(schema, name) && !arguments.contains(name)) return name;
  return {};
}

std::string advice_for_secret(std::string_view name) {
  const std::string word = visible(name);
  return word + " is a secret and is needed: write " + word + "=@FILE, or " + word +
         "=@/dev/stdin to give it by standard input, since others see what stands on a command "
         "line";
}

}  // namespace udsctl
