// What udsd and udsd-exec say to each other: packets of a private SOCK_SEQPACKET socket. Pure.
//
// udsd-exec believes nothing of it: who calls it asks the kernel, what may be run it reads itself.
// So the encoding is as simple as can be (a kind, then fields of a length and bytes), and a packet
// that is not exactly one message is refused.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "declared/exec_template.hpp"
#include "uds/result.hpp"

namespace udsd::exec_messages {

/// The longest packet: all values of a request and what goes with them fit.
inline constexpr std::size_t kMostBytes = std::size_t{128} << 10;
/// The most descriptors that come with one packet.
inline constexpr std::size_t kMostDescriptors = 2;

// From udsd.

/// The first packet. With it come the caller's connection and, where the command reads the caller's
/// input, that.
struct Start {
  std::string command;
  std::string hash;                                  ///< of the declaration that udsd has read
  ArgumentTexts arguments;                           ///< those that are there, defaults included
  std::string request;                               ///< the id of the request, as JSON
  std::optional<std::chrono::milliseconds> timeout;  ///< what is left of the request's own
  bool detach = false;                               ///< the run goes on without its caller
  bool queued = false;                               ///< it waits for a Go
};
/// The turn of a queued run has come.
struct Go {};
/// The run is to end.
struct Cancel {
  enum class Reason : std::uint8_t { Request, Administrator, Deadline, Disconnected };
  Reason reason = Reason::Request;
  int signal = 15;  ///< the first one; SIGKILL follows after the grace
  uid_t by = static_cast<uid_t>(-1);
};

// From udsd-exec.

/// Nothing was or will be started; the last packet.
struct Refused {
  std::string code;     ///< of the protocol, such as "permission_denied"
  std::string message;  ///< a sentence
  std::string rule;     ///< what the caller lacks; empty where it is not that
};
/// The run has a directory and an audit record; it begins, or waits for its turn.
struct Accepted {
  std::string run;
};
/// The command's process has begun.
struct Started {};
/// There is more output.
struct Grown {};
/// There is a result; the last packet.
struct Ended {};

using Message = std::variant<Start, Go, Cancel, Refused, Accepted, Started, Grown, Ended>;

std::string encode(const Message& message);
/// The message that `packet` is. Error: why it is none.
uds::Result<Message, std::string> decode(std::string_view packet);

}  // namespace udsd::exec_messages
