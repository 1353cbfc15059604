// Whether bytes are UTF-8. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace uds::detail {

/// The first byte that starts no well-formed UTF-8 sequence (Unicode, table 3-7), or the size of
/// `text`.
std::size_t valid_utf8_length(std::string_view text) noexcept;

}  // namespace uds::detail
