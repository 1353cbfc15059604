// The shortest way from a frame to a request: for the plain ones, which are most.
//
// Plain is a flat object of id, cmd, timeout_ms and empty args in any order, with whole numbers and
// with strings of ASCII without escapes. Each byte is checked; whatever is not plain, right or
// wrong, is left to request_reader, which knows all of JSON.
#pragma once

#include <string_view>

#include "uds/limits.hpp"
#include "uds/message.hpp"

namespace uds::detail {

/// Reads `text` into `request`, which must be as its constructor leaves it. False, and `request` is
/// as it was, if `text` is not plain. After an exception it is of no use.
bool read_plain_request(std::string_view text, const Limits& limits, Request& request);

}  // namespace uds::detail
