// Writes JSON: the same text as nlohmann's dump(), several times faster.
//
// A server writes far more than it reads, and large strings most of all: what stands in JSON as it
// is, is copied whole. What is rare (a float, binary, text that is
// not UTF-8) is left to dump(). It recurses as deep as the value does, as dump() would.
#include <concepts>

#include "plain_text.hpp"
#include "text_writer.hpp"
#include "uds/json.hpp"
#include "utf8.hpp"

namespace uds {
namespace {

constexpr std::size_t kRoomBehind = 64;

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '\\';
  if (const std::size_t found = kEscaped.find(c); found != std::string_view::npos) {
    out += kLetters[found];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "u00";
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 0xFU];
}

/// `text` has at least one byte that is special.
void append_unusual(std::string& out, std::string_view text) {
  if (detail::valid_utf8_length(text) != text.size()) {
    out += Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
    return;
  }
  out += '"';
  while (!text.empty()) {
    std::size_t run = detail::plain_length(text);
    while (run < text.size() && static_cast<unsigned char>(text[run]) >= 0x80) ++run;
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty() || !detail::is_special(text[0])) continue;
    append_escaped(out, text[0]);
    text.remove_prefix(1);
  }
  out += '"';
}

void append_number(std::string& out, std::integral auto number) {
  detail::TextWriter writer(out);
  writer.put(number);
  writer.finish();
}

// NOLINTNEXTLINE(misc-no-recursion)
void append_object(std::string& out, const Json::object_t& members) {
  char before = '{';
  for (const auto& [name, value] : members) {
    out += before;
    append_json_string(out, name);
    out += ':';
    append_json(out, value);
    before = ',';
  }
  if (members.empty()) out += '{';
  out += '}';
}

// NOLINTNEXTLINE(misc-no-recursion)
void append_array(std::string& out, const Json::array_t& items) {
  char before = '[';
  for (const Json& item : items) {
    out += before;
    append_json(out, item);
    before = ',';
  }
  if (items.empty()) out += '[';
  out += ']';
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion)
void append_json(std::string& out, const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      out += "null";
      return;
    case Json::value_t::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Json::value_t::number_integer:
      return append_number(out, value.get<std::int64_t>());
    case Json::value_t::number_unsigned:
      return append_number(out, value.get<std::uint64_t>());
    case Json::value_t::string:
      return append_json_string(out, value.get_ref<const std::string&>());
    case Json::value_t::object:
      return append_object(out, value.get_ref<const Json::object_t&>());
    case Json::value_t::array:
      return append_array(out, value.get_ref<const Json::array_t&>());
    case Json::value_t::number_float:
    case Json::value_t::binary:
    case Json::value_t::discarded:
      break;
  }
  out += value.dump();
}

void append_json_string(std::string& out, std::string_view text) {
  if (detail::plain_length(text) != text.size()) return append_unusual(out, text);
  // Growing by the text alone would make a large string grow, and move, once more for what follows.
  out.reserve(out.size() + text.size() + kRoomBehind);
  out += '"';
  out += text;
  out += '"';
}

std::string to_json_text(const Json& value) {
  std::string out;
  append_json(out, value);
  return out;
}

}  // namespace uds
