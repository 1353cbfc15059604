// Reads the fields of a response that the ledger needs, without a JSON parser: a measuring tool
// must cost less than what it measures.
//
// It relies on the protocol's fixed key order (id, status, message, seq, ..., error). A text in
// another shape is no reply. What it returns refers to the text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace uds_load {

enum class Status { Processing, Ok, Error };

struct Reply {
  std::optional<std::uint64_t> id;  // none: the server could name no request
  Status status = Status::Ok;
  std::uint64_t seq = 0;  // 0: the response has none
  std::string_view code;  // of an ERROR
};

/// Nothing if `text` is not a response to a request of this program.
std::optional<Reply> scan_reply(std::string_view text);

}  // namespace uds_load
