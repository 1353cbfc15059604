// Writes JSON: the same text as nlohmann's dump(), several times faster.
//
// A server writes far more than it reads, and large strings most of all: what stands in JSON as it
// is, is copied whole. What is rare (a float, binary, text that is
// not UTF-8) is left to dump(). It recurses as deep as the value does, as dump() would.
#include <concepts>

#include "escaped_text.hpp"
#include "plain_text.hpp"
#include "text_writer.hpp"
#include "uds/json.hpp"
#include "utf8.hpp"

namespace uds {
namespace {

constexpr std::size_t kRoomBehind = 64;

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
  if (detail::plain_length(text) == text.size()) {
    // Growing by the text alone would make a large string grow, and move, once more for what
    // follows.
    out.reserve(out.size() + text.size() + kRoomBehind);
    out += '"';
    out += text;
    out += '"';
  } else if (detail::valid_utf8_length(text) == text.size()) {
    detail::append_escaped(out, text);
  } else {
    out += Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

std::string to_json_text(const Json& value) {
  std::string out;
  append_json(out, value);
  return out;
}

}  // namespace uds
