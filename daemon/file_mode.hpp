// Permission bits as people write them: "0660". Pure.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace udsd {

/// Three octal digits, or four of which the first is 0. Nothing if `text` is anything else.
std::optional<mode_t> parse_mode(std::string_view text);
/// Four octal digits.
std::string format_mode(mode_t mode);

}  // namespace udsd
