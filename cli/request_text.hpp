// From what a person typed to the line that goes over the socket. Pure.
//
// The text stays the person's own: nothing is re-written but line breaks, and nothing added but
// what is absent.
#pragma once

#include "uds/message.hpp"
#include "uds/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace udsctl {

/// A request as it is sent, and the id that its responses will carry.
class RequestText {
 public:
  RequestText(std::string text, uds::RequestId request_id)
      : line(std::move(text)), id(std::move(request_id)) {}

  std::string line;
  uds::RequestId
      id;  // absent when the text has none that is valid: the daemon then answers without one
};

/// Reads one JSON object. Its outermost braces may be written `<` and `>`. `own_id` and `timeout`
/// are added where the text has no `id` and no `timeout_ms`. Error: NotARequest.
uds::Result<RequestText> read_request(std::string_view text, std::optional<std::int64_t> own_id,
                                      std::optional<std::chrono::milliseconds> timeout);

}  // namespace udsctl
