// Bytes as text that JSON can carry (RFC 4648, section 4: with padding, without line breaks). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace uds::detail {

/// Appends `bytes` to `out`.
void append_base64(std::string& out, std::string_view bytes);
/// Nothing if `text` is no base64 that append_base64() writes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace uds::detail
