// Every limit of the protocol in one place, with its reason (docs/protocol.md, "Limits").
//
// A plain value: whoever builds a Server or a client passes one. The daemon fills it from
// udsd.toml.
#pragma once

#include <chrono>
#include <cstddef>

namespace uds {

/// The limits of a server, or of what a client reads. A client uses `message_bytes`, `json_depth`
/// and `json_values` only.
struct Limits {
  /// Bytes of one message without its terminator. Larger data belongs in a file or a stream of
  /// responses.
  std::size_t message_bytes = std::size_t{1} << 20;
  /// Nesting of objects and arrays. nlohmann::json::dump() recurses; 64 is far from any stack's
  /// end.
  std::size_t json_depth = 64;
  /// Values (objects, arrays, strings, numbers, literals) in one message: bounds memory to about 27
  /// times the text.
  std::size_t json_values = 100'000;
  /// Connections in all; the daemon also stays below RLIMIT_NOFILE.
  std::size_t connections = 16'384;
  /// Connections of one uid, so that one user cannot lock out the others. Root is exempt.
  std::size_t connections_per_uid = 1'024;
  /// Requests in flight on one connection; the next one is answered `busy`.
  std::size_t requests_in_flight = 64;
  /// Requests in flight of one uid over all its connections; above it requests are answered
  /// `busy`. Root is exempt.
  std::size_t requests_in_flight_per_uid = 8'192;
  /// Queued output of one connection above which handlers wait and reading pauses. One frame may
  /// exceed it.
  std::size_t queued_bytes = std::size_t{64} << 10;
  /// Bytes buffered for one user, input and output of all connections together; above it new
  /// requests are answered `busy`, and so is a message that does not fit, which ends its
  /// connection.
  std::size_t buffered_bytes_per_uid = std::size_t{32} << 20;
  /// The same for all users together.
  std::size_t buffered_bytes = std::size_t{256} << 20;
  /// Descriptors held for one user: those that came with requests and were not closed yet.
  std::size_t descriptors_per_uid = 256;
  /// Frames of one connection handled before other connections get a turn.
  std::size_t frames_per_turn = 64;
  /// How long a message may stay unfinished, from its first byte.
  std::chrono::milliseconds partial_message{30'000};
  /// How long a reader may take nothing while output waits for it.
  std::chrono::milliseconds stalled_reader{30'000};
  /// How long requests in flight may take to finish when the server drains.
  std::chrono::milliseconds drain{30'000};
};

}  // namespace uds
