// Where a message ends: bytes in, frames out (docs/protocol.md, "Framing").
//
// The decoder owns the input buffer and finds frames in place; it knows no JSON except the brace,
// string and escape scanner that it needs until the first terminator has settled the framing. It
// never reads a socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace uds {

/// How messages of a connection end. Undecided until the first terminator arrives; answers then end
/// in NUL.
enum class Framing {
  Undecided,  ///< no terminator was seen yet
  Lf,         ///< a line feed
  Nul,        ///< a NUL byte
};

/// The byte that ends a message.
constexpr char terminator(Framing framing) noexcept {
  return framing == Framing::Lf ? '\n' : '\0';
}

/// Appends `text` and the terminator of `framing`. `text` must hold neither LF nor NUL, as every
/// serialised response.
void append_frame(std::string& out, std::string_view text, Framing framing);

/// Cuts the received bytes of one connection into frames.
///
/// Wrong: keeping a Frame's text across the next call of prepare(). Right: parse it before reading
/// on.
class FrameDecoder {
 public:
  /// What next() found.
  enum class Event {
    Frame,     ///< `text` is one record, without its terminator, never blank
    NeedMore,  ///< no complete record; read on
    TooLarge,  ///< the record exceeds the limit: the framing is lost, the connection must end
    End,       ///< finish() was called and every record has been taken
  };
  /// Readable bytes behind every text.
  static constexpr std::size_t kPadding = 64;
  /// What next() answers.
  struct Item {
    /// What was found.
    Event event;
    /// Points into the decoder; valid until the next prepare() or next(). kPadding bytes behind it
    /// can be read too: parsers that read more than a byte at once want that.
    std::string_view text;
  };

  /// `max_bytes` bounds one record without its terminator.
  explicit FrameDecoder(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Room for at least `size` bytes to be read into; ends the validity of every text handed out.
  std::span<char> prepare(std::size_t size);
  /// The first `size` bytes of the prepared room were filled.
  void commit(std::size_t size);
  /// The peer sends no more (end of file): what is left is the last record.
  void finish();
  /// The next record. Call until it answers something else than Frame.
  Item next();

  /// What the first terminator has settled.
  [[nodiscard]] Framing framing() const noexcept { return framing_; }
  /// A record has begun and is not complete. Meaningful after next() answered NeedMore.
  [[nodiscard]] bool partial() const noexcept { return begin_ < end_; }
  /// Bytes held that were not handed out yet.
  [[nodiscard]] std::size_t buffered() const noexcept { return end_ - begin_; }
  /// Bytes handed out or skipped since the start, terminators included.
  [[nodiscard]] std::uint64_t taken() const noexcept { return dropped_ + begin_; }
  /// Bytes of memory held for input; more than is usual goes back by itself, the rest by release().
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// Gives the memory back if no input is held.
  void release();
  /// Drops what is held, and its memory.
  void discard();

 private:
  void grow(std::size_t size);
  void drop_memory();
  void drop_blank();
  Item next_undecided();
  bool scan_object();
  Item unterminated();
  inline Item take(std::size_t record_end, std::size_t skip);
  [[nodiscard]] inline std::size_t scan_end() const;
  [[nodiscard]] inline std::size_t find(char wanted, std::size_t stop) const;

  std::size_t max_bytes_;
  Framing framing_ = Framing::Undecided;
  bool finished_ = false;
  bool too_large_ = false;
  // state of the scanner that runs while the framing is undecided
  bool in_string_ = false;
  bool escaped_ = false;
  std::size_t depth_ = 0;
  bool object_complete_ = false;

  std::unique_ptr<char[]> buffer_;  // capacity_ bytes, and kPadding
  std::size_t capacity_ = 0;
  std::uint64_t dropped_ = 0;  // bytes that came before those of the buffer
  std::size_t begin_ = 0;      // first byte not handed out
  std::size_t scanned_ = 0;    // first byte not looked at yet
  std::size_t end_ = 0;        // one past the last received byte
};

}  // namespace uds
