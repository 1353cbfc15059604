// What a client has still to send: bytes, and the descriptors that ride with some of its requests.
//
// Owns both until the kernel has taken them. A request with descriptors goes out in a system call
// of its own, so that the server can tell which request they belong to (docs/protocol.md,
// "Descriptors").
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "uds/descriptors.hpp"

namespace uds::detail {

class Outbox {
 public:
  /// Appends a whole request, its terminator included.
  void append(std::string_view request, Descriptors descriptors);
  /// Drops what has not been sent.
  void clear();

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  /// Bytes appended, and bytes sent, since the start.
  [[nodiscard]] std::uint64_t appended() const noexcept { return sent_ + bytes_.size(); }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

  /// One attempt to send on `socket` without waiting; the outbox must not be empty. Returns what
  /// send(2) does, EINTR excepted.
  ssize_t send_some(int socket);

 private:
  struct Ride {
    std::uint64_t begin;  // as sent() counts
    std::uint64_t end;
    Descriptors descriptors;
  };

  std::string bytes_;
  std::uint64_t sent_ = 0;
  std::deque<Ride> rides_;
};

}  // namespace uds::detail
