// Output of one connection that waits to be sent. Pure: owns the bytes, sends nothing, waits for
// nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "uds/frame.hpp"
#include "uds/message.hpp"

namespace uds::detail {

class WriteQueue {
 public:
  /// `high_water`: queued bytes above which producers should wait.
  explicit WriteQueue(std::size_t high_water) : high_water_(high_water) {}

  /// A response to nobody in particular.
  void append(const Response& response, Framing framing) {
    append(response, response.id(), response.seq(), framing);
  }
  void append(const Response& response, const RequestId& id, std::uint64_t seq, Framing framing) {
    append_whole([&] {
      response.append_to(buffer_, id, seq);
      buffer_ += terminator(framing);
    });
  }
  void append_text(std::string_view text, Framing framing) {
    append_whole([&] { append_frame(buffer_, text, framing); });
  }

  [[nodiscard]] std::string_view pending() const noexcept {
    return std::string_view(buffer_).substr(sent_);
  }
  [[nodiscard]] bool empty() const noexcept { return sent_ == buffer_.size(); }
  [[nodiscard]] bool above_high_water() const noexcept {
    return buffer_.size() - sent_ > high_water_;
  }

  /// The first `size` pending bytes have been sent. When all is, memory beyond what a producer may
  /// fill at once goes back.
  void consume(std::size_t size) {
    sent_ += size;
    if (empty()) clear();
  }
  /// Drops what is pending: nobody is there to read it.
  void clear() {
    sent_ = 0;
    buffer_.clear();
    // Room for all up to the mark and a frame of half as much, as the string grows: a stream that
    // had to grow it anew after each send would copy all it writes twice.
    give_back(std::max(kKeptBytes, 3 * high_water_));
  }
  /// No producer is about to go on: what a busy connection needs is kept, if nothing is pending.
  void trim() {
    if (empty()) give_back(kKeptBytes);
  }
  /// The connection is idle: only what a small answer needs is kept, if nothing is pending.
  void release() {
    if (empty()) give_back(kIdleBytes);
  }

 private:
  /// A frame goes in whole or, where memory ends, not at all.
  template <class Append>
  void append_whole(Append append) {
    // A queue that never runs empty must not keep what it has sent.
    if (sent_ > buffer_.size() / 2) buffer_.erase(0, std::exchange(sent_, 0));
    const std::size_t before = buffer_.size();
    try {
      append();
    } catch (...) {
      buffer_.resize(before);
      throw;
    }
  }

  void give_back(std::size_t kept) {
    if (buffer_.capacity() > kept) std::string().swap(buffer_);
  }

  static constexpr std::size_t kKeptBytes = std::size_t{16} << 10;
  static constexpr std::size_t kIdleBytes = 256;

  std::size_t high_water_;
  std::string buffer_;
  std::size_t sent_ = 0;
};

}  // namespace uds::detail
