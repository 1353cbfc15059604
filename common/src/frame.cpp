// Cuts bytes into frames. Each byte is looked at once, however small the pieces are that it arrives
// in: `scanned_` remembers how far the search for a terminator has come.
//
// Records lie in buffer_[begin_, end_); a record is handed out in place. White space before a
// record is dropped as soon as it is seen, so it takes no memory, counts for no limit and is never
// a partial message.
#include "uds/frame.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace uds {
namespace {

constexpr std::size_t kKeptCapacity = std::size_t{64} << 10;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

void append_frame(std::string& out, std::string_view text, Framing framing) {
  out += text;
  out += terminator(framing);
}

[[gnu::hot]] std::span<char> FrameDecoder::prepare(std::size_t size) {
  if (capacity_ - end_ < size && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    dropped_ += begin_;
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ < size) grow(end_ + size);
  return {buffer_.get() + end_, capacity_ - end_};
}

void FrameDecoder::grow(std::size_t size) {
  const std::size_t larger = std::max(size, capacity_ * 2);
  auto buffer = std::make_unique_for_overwrite<char[]>(larger + kPadding);
  if (end_ > 0) std::memcpy(buffer.get(), buffer_.get(), end_);
  buffer_ = std::move(buffer);
  capacity_ = larger;
}

void FrameDecoder::drop_memory() {
  buffer_.reset();
  capacity_ = 0;
}

[[gnu::hot]] void FrameDecoder::commit(std::size_t size) {
  assert(!finished_ && size <= capacity_ - end_);
  end_ += size;
}

void FrameDecoder::finish() {
  finished_ = true;
}

FrameDecoder::Item FrameDecoder::take(std::size_t record_end, std::size_t skip) {
  const std::string_view text(buffer_.get() + begin_, record_end - begin_);
  begin_ = scanned_ = record_end + skip;
  return {Event::Frame, text};
}

std::size_t FrameDecoder::scan_end() const {
  // The terminator of a record of exactly max_bytes_ stands one byte behind it.
  return end_ - begin_ > max_bytes_ ? begin_ + max_bytes_ + 1 : end_;
}

std::size_t FrameDecoder::find(char wanted, std::size_t stop) const {
  if (scanned_ >= stop) return stop;
  const void* const hit = std::memchr(buffer_.get() + scanned_, wanted, stop - scanned_);
  return hit == nullptr ? stop
                        : static_cast<std::size_t>(static_cast<const char*>(hit) - buffer_.get());
}

[[gnu::hot]] FrameDecoder::Item FrameDecoder::next() {
  if (too_large_) return {Event::TooLarge, {}};
  if (begin_ == end_ || buffer_[begin_] != '{') drop_blank();
  if (begin_ == end_) return {finished_ ? Event::End : Event::NeedMore, {}};
  if (framing_ == Framing::Undecided) return next_undecided();
  const std::size_t stop = scan_end();
  const std::size_t found = find(terminator(framing_), stop);
  return found == stop ? unterminated() : take(found, 1);
}

[[gnu::hot]] void FrameDecoder::drop_blank() {
  // In LF framing a NUL is no terminator but a byte that makes its line unacceptable.
  const bool nul_is_blank = framing_ != Framing::Lf;
  while (begin_ < end_ &&
         (is_blank(buffer_[begin_]) || (nul_is_blank && buffer_[begin_] == '\0'))) {
    ++begin_;
  }
  scanned_ = std::max(scanned_, begin_);
  if (begin_ < end_) return;
  dropped_ += begin_;
  begin_ = scanned_ = end_ = 0;
  if (capacity_ > kKeptCapacity) drop_memory();
}

void FrameDecoder::discard() {
  dropped_ += end_;
  begin_ = scanned_ = end_ = 0;
  drop_memory();
}

void FrameDecoder::release() {
  drop_blank();
  if (begin_ == end_) drop_memory();
}

FrameDecoder::Item FrameDecoder::next_undecided() {
  if (buffer_[begin_] == '{' && !object_complete_ && !scan_object()) {
    // A NUL ends the record even inside the object; LF there is white space.
    if (scanned_ < scan_end()) {
      framing_ = Framing::Nul;
      return take(scanned_, 1);
    }
    return unterminated();
  }
  const std::size_t lf = find('\n', scan_end());
  const std::size_t found = find('\0', lf);
  if (found == scan_end()) return unterminated();
  framing_ = buffer_[found] == '\n' ? Framing::Lf : Framing::Nul;
  return take(found, 1);
}

bool FrameDecoder::scan_object() {
  for (const std::size_t stop = scan_end(); scanned_ < stop; ++scanned_) {
    const char c = buffer_[scanned_];
    if (c == '\0') return false;
    if (escaped_) {
      escaped_ = false;
    } else if (in_string_) {
      escaped_ = c == '\\';
      in_string_ = c != '"';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{') {
      ++depth_;
    } else if (c == '}' && --depth_ == 0) {
      object_complete_ = true;
      ++scanned_;
      return true;
    }
  }
  return false;
}

FrameDecoder::Item FrameDecoder::unterminated() {
  if (end_ - begin_ > max_bytes_) {
    too_large_ = true;
    return {Event::TooLarge, {}};
  }
  scanned_ = end_;
  if (!finished_) return {Event::NeedMore, {}};
  if (framing_ == Framing::Undecided) framing_ = Framing::Nul;
  return take(end_, 0);
}

}  // namespace uds
