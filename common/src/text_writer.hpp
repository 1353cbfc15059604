// Appends many short pieces to a string as if they were one. Pure.
//
// A string that grows piece by piece checks and moves its end each time, which costs more than the
// pieces. The writer makes room for several at once, and cuts off at the end what it did not use.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace uds::detail {

class TextWriter {
 public:
  /// Nobody else may touch `out` before the writer is gone. `expected`: bytes that will be written,
  /// more or less.
  TextWriter(std::string& out, std::size_t expected) : out_(out), used_(out.size()) {
    grow(expected);
  }
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;
  ~TextWriter() { out_.resize(used_ + static_cast<std::size_t>(at_ - begin_)); }

  void put(std::string_view text) {
    need(text.size());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  /// A literal: its size is known, so copying it costs next to nothing.
  template <std::size_t Size>
  void put(const char (&literal)[Size]) {
    need(Size - 1);
    std::memcpy(at_, literal, Size - 1);
    at_ += Size - 1;
  }
  void put(char c) {
    need(1);
    *at_++ = c;
  }
  void put(std::integral auto number) {
    need(kLongestNumber);
    at_ = std::to_chars(at_, end_, number).ptr;
  }

 private:
  void need(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) [[unlikely]]
      grow(size);
  }
  void grow(std::size_t size) {
    const std::size_t used = used_ + static_cast<std::size_t>(at_ - begin_);
    out_.resize(used + std::max(size, kLeast));  // where there is no memory, all is as it was
    used_ = used;
    begin_ = at_ = out_.data() + used_;
    end_ = out_.data() + out_.size();
  }

  static constexpr std::size_t kLeast = 64;
  static constexpr std::size_t kLongestNumber = 20;  // 2^64-1, or -2^63 with its sign

  std::string& out_;
  std::size_t used_;  // bytes of out_ before begin_
  char* begin_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace uds::detail
