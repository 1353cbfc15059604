// Appends many short pieces to a string as if they were one. Pure.
//
// A string that grows piece by piece checks and moves its end each time, which costs more than the
// pieces. The writer collects them on the stack.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "plain_text.hpp"

namespace uds::detail {

class TextWriter {
 public:
  static constexpr std::size_t kHeldBytes = 256;

  explicit TextWriter(std::string& out) : out_(out) {}
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;
  ~TextWriter() = default;

  /// Hands over what was put last; without it that is lost.
  void finish() {
    out_.append(held_.data(), static_cast<std::size_t>(at_ - held_.data()));
    at_ = held_.data();
  }

  void put(std::string_view text) {
    if (text.size() > kHeldBytes) {
      finish();
      out_.append(text);
    } else {
      need(text.size());
      std::memcpy(at_, text.data(), text.size());
      at_ += text.size();
    }
  }
  /// A literal: its size is known, so copying it costs next to nothing.
  template <std::size_t Size>
    requires(Size <= kHeldBytes)
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
    if (number >= 0 && number < 10)
      *at_++ = static_cast<char>('0' + number);
    else
      at_ = std::to_chars(at_, end_, number).ptr;
  }
  /// `text` as a JSON string if that takes no call: it is short, there is room, and nothing of it
  /// must be escaped. Else false, and nothing is put.
  [[gnu::always_inline]] bool put_short_string(std::string_view text) {
    if (text.size() > kShort || room() < kShort + 2) return false;
    char* to = at_;
    *to++ = '"';
    for (const char c : text) {
      if (is_special(c)) return false;
      *to++ = c;
    }
    *to++ = '"';
    at_ = to;
    return true;
  }

 private:
  static constexpr std::size_t kLongestNumber = 20;  // 2^64-1, or -2^63 with its sign

  [[nodiscard]] std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }
  void need(std::size_t size) {
    if (size > room()) [[unlikely]]
      finish();
  }

  /// Most ids and messages; copying them byte by byte is cheaper than a call.
  static constexpr std::size_t kShort = 8;

  std::string& out_;
  std::array<char, kHeldBytes> held_;  // not initialised: only what was put is read
  char* at_ = held_.data();
  char* end_ = held_.data() + kHeldBytes;
};

}  // namespace uds::detail
