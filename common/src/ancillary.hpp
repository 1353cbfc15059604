// Descriptors beside bytes on a Unix socket: the two system calls that carry them (unix(7),
// SCM_RIGHTS).
//
// What arrives has an owner before anything is checked. Elsewhere the library offers the kernel no
// room for descriptors, so that it drops those that come.
#pragma once

#include <sys/types.h>

#include <span>
#include <string_view>

#include "uds/descriptors.hpp"

namespace uds::detail {

/// What came with one read.
struct Passed {
  Descriptors descriptors;
  /// More were sent than arrived: there were too many, or this process may open no more.
  bool truncated = false;
  /// They were closed at once: their user holds too many.
  bool refused = false;
};

/// recvmsg(2) with room for descriptors, close-on-exec, without waiting. Returns what recvmsg()
/// does.
ssize_t receive_with_descriptors(int socket, std::span<char> room, Passed& passed);

/// sendmsg(2), without waiting and without SIGPIPE; `descriptors` go with the first byte and stay
/// the caller's. Returns what sendmsg() does; where it is positive the descriptors are sent.
ssize_t send_with_descriptors(int socket, std::string_view bytes, const Descriptors& descriptors);

}  // namespace uds::detail
