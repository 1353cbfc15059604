// The short way from a frame to a request: for those that are as they should be.
//
// Accepts nothing that the strict parser of json.hpp refuses, and decides nothing itself: whatever
// is unusual, wrong or rare goes the long way, where the answer is made.
#pragma once

#include <string_view>

#include "uds/limits.hpp"
#include "uds/message.hpp"

namespace uds::detail {

/// Reads `text` into `request`, which must be as its constructor leaves it, exactly as the long way
/// would. `padded`: FrameDecoder::kPadding bytes behind `text` can be read; else it is copied.
/// False if the long way is to be asked; `request` is of no use then.
bool read_request(std::string_view text, bool padded, const Limits& limits, Request& request);

/// The long way: the strict parser, which also knows what is wrong.
Result<Request, Rejection> judge_request(std::string_view text, const Limits& limits);

}  // namespace uds::detail
