// The short way from a frame to a request: for those that are as they should be.
//
// Accepts nothing that the strict parser of json.hpp refuses, and decides nothing itself: whatever
// is unusual, wrong or rare goes the long way, where the answer is made.
#pragma once

#include <optional>
#include <string_view>

#include "uds/limits.hpp"
#include "uds/message.hpp"

namespace uds::detail {

/// The request in `text`, exactly as the long way reads it; nothing if the long way is to be asked.
std::optional<Request> read_request(std::string_view text, const Limits& limits);

}  // namespace uds::detail
