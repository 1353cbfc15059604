// UTF-8 as the text of a JSON string, and back (RFC 8259, section 7). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace uds::detail {

/// Appends `utf8`, which must be UTF-8, as a JSON string with its quotes.
void append_escaped(std::string& out, std::string_view utf8);

struct Unescaped {
  std::string utf8;
  std::size_t size = 0;  ///< of what was read, without the quote behind it
};
/// What stands in `text` up to the first quote, without its escapes. Nothing where there is none,
/// where it is no JSON, or where it escapes (\u) what is not ASCII: this library never does.
std::optional<Unescaped> read_escaped(std::string_view text);

}  // namespace uds::detail
