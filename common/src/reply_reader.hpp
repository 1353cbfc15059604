// ReplyReader: the bytes a server sent in, its responses out (docs/protocol.md, "Framing").
//
// Owns the input buffer of a client's connection and bounds it. Reads no socket, knows no deadline,
// and does not know which request a response belongs to.
#pragma once

#include "uds/limits.hpp"
#include "uds/message.hpp"
#include "uds/result.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace uds::detail {

class ReplyReader {
 public:
  /// `nul_only`: LF is white space and only NUL ends a response, as for a client that half-closed.
  /// Otherwise both end one: a server answers in NUL as long as it has not seen how this client
  /// ends its messages.
  ReplyReader(const Limits& limits, bool nul_only);

  /// Room for at least `size` bytes to be read into; ends the validity of last_text().
  std::span<char> prepare(std::size_t size);
  /// The first `size` bytes of the prepared room were filled.
  void commit(std::size_t size) { end_ += size; }
  /// The server sends no more.
  void finish() { finished_ = true; }

  /// The next response, or nothing if more bytes are needed. Errors: BadReply; after finish() also
  /// ConnectionLost. Both are lasting.
  Result<std::optional<Response>> next();
  /// The text of the response that next() gave last, as it was received; valid until prepare().
  [[nodiscard]] std::string_view last_text() const noexcept { return last_text_; }

 private:
  [[nodiscard]] std::size_t find_terminator() const noexcept;

  Limits limits_;
  std::size_t max_bytes_;
  std::string_view terminators_;
  std::string buffer_;
  std::size_t begin_ = 0;    // first byte not handed out
  std::size_t scanned_ = 0;  // first byte not searched for a terminator
  std::size_t end_ = 0;      // one past the last received byte
  bool finished_ = false;
  std::string_view last_text_;
};

}  // namespace uds::detail
