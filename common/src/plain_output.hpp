// The short way to read a response that carries output: of these a client reads more bytes
// than of all others together. Pure.
//
// Accepts only what this library writes, member by member in its order, and nothing that the strict
// parser refuses. Everything else goes the long way, where errors are named.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "uds/message.hpp"

namespace uds::detail {

struct PlainOutput {
  RequestId id;
  std::uint64_t seq = 0;
  Output output;
  std::optional<std::uint64_t> event;  ///< the one member that `data` may have
};

/// Nothing if the long way is to be asked.
std::optional<PlainOutput> read_plain_output(std::string_view text);

}  // namespace uds::detail
