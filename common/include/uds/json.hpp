// Strict JSON: the one place of the library that parses and the one that serialises.
//
// Accepts RFC 8259 and refuses what two readers could understand differently: duplicate keys
// (compared after unescaping), raw NUL, a byte order mark, invalid UTF-8, lone surrogates, integers
// outside 64 bits, numbers outside double, more than one value. Pure: bytes in, value or reason
// out.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "uds/limits.hpp"
#include "uds/result.hpp"

namespace uds {

/// The JSON value of this API. Parse and serialise it with the functions below only.
using Json = nlohmann::json;

/// Why a text was refused, and where.
class JsonError {
 public:
  /// `where`: an offset in bytes; `why`: one clause.
  JsonError(std::size_t where, std::string why) : offset(where), reason(std::move(why)) {}

  std::size_t offset;  ///< byte at which the text stopped being acceptable, counted from 0
  std::string
      reason;  ///< one clause for people, built from our own words only, never from the text
};

/// Parses one JSON value that fills `text` (white space around it is allowed). `limits` gives depth
/// and value count. The error says where and why; nothing is thrown but std::bad_alloc.
Result<Json, JsonError> parse_json(std::string_view text, const Limits& limits = {});

/// Appends `value` to `out` as compact JSON. Bytes that are not UTF-8 become U+FFFD. Never throws
/// but std::bad_alloc.
void append_json(std::string& out, const Json& value);
/// Appends `text` as a JSON string with its quotes, under the same rules.
void append_json_string(std::string& out, std::string_view text);
/// `value` as append_json() writes it.
std::string to_json_text(const Json& value);

}  // namespace uds
