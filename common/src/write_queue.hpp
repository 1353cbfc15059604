// Output of one connection that waits to be sent. Pure: owns the bytes, sends nothing, waits for
// nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "uds/frame.hpp"
#include "uds/message.hpp"

namespace uds::detail {

class WriteQueue {
 public:
  /// `high_water`: queued bytes above which producers should wait.
  explicit WriteQueue(std::size_t high_water) : high_water_(high_water) {}

  void append(const Response& response, Framing framing) {
    scratch_.clear();
    response.append_to(scratch_);
    append_text(scratch_, framing);
  }
  void append_text(std::string_view text, Framing framing) {
    if (sent_ >
        buffer_.size() / 2) {  // a queue that never runs empty must not keep what it has sent
      buffer_.erase(0, sent_);
      sent_ = 0;
    }
    buffer_.reserve(buffer_.size() + text.size() +
                    1);  // so that a frame goes in whole or not at all
    append_frame(buffer_, text, framing);
  }

  [[nodiscard]] std::string_view pending() const noexcept {
    return std::string_view(buffer_).substr(sent_);
  }
  [[nodiscard]] bool empty() const noexcept { return sent_ == buffer_.size(); }
  [[nodiscard]] bool above_high_water() const noexcept {
    return buffer_.size() - sent_ > high_water_;
  }

  /// The first `size` pending bytes have been sent. Memory beyond what is usual goes back when all
  /// is sent.
  void consume(std::size_t size) {
    sent_ += size;
    if (empty()) clear();
  }
  /// Drops what is pending: nobody is there to read it.
  void clear() {
    sent_ = 0;
    buffer_.clear();
    if (buffer_.capacity() > kKeptBytes) std::string().swap(buffer_);
    if (scratch_.capacity() > kKeptBytes) std::string().swap(scratch_);
  }

 private:
  static constexpr std::size_t kKeptBytes = 4096;

  std::size_t high_water_;
  std::string buffer_;
  std::string scratch_;
  std::size_t sent_ = 0;
};

}  // namespace uds::detail
