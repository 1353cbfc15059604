// What can go wrong outside the wire protocol: a stable code for programs, one sentence for people.
//
// Errc names every failure the library detects itself; failures of the kernel travel as
// std::generic_category (errno). Text that depends on the situation (a path, a name) stands beside
// the code in Error, never in it. The error codes that go over the socket are another thing: see
// uds::Code in message.hpp.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace uds {

/// Failures of the local side: making a socket, connecting to one, reading what comes back.
enum class Errc {
  // making a listening socket
  BadPath = 1,      ///< empty, relative, contains NUL, or abstract without being allowed
  PathTooLong,      ///< more than 107 bytes, what sockaddr_un holds (unix(7))
  NotASocket,       ///< something that is no socket stands at the path
  InUse,            ///< another process serves this path
  UnsafeDirectory,  ///< the directory of the path is missing, a link or no directory, or others
                    ///< meddle in it
  UnknownUser,      ///< no such user on this host
  UnknownGroup,     ///< no such group on this host
  BadDescriptor,    ///< an inherited descriptor is not the listening socket that was expected
  // talking to a server
  NoDaemon,           ///< no socket at the path
  ConnectionRefused,  ///< a socket is there, but nobody listens on it
  ServerBusy,         ///< the server's backlog stayed full until the deadline
  AccessDenied,       ///< the caller may not open the socket
  UntrustedServer,  ///< the process behind the socket runs as a uid that the caller does not trust
  Deadline,         ///< the time given for the operation ran out
  Interrupted,      ///< the caller's interrupt descriptor became readable
  ConnectionLost,   ///< the connection ended before the final response: the outcome is unknown
  BadReply,         ///< the server sent something that is no response of the protocol
  NotARequest,      ///< a text that should be a request is no JSON object
};

/// The category "uds", whose numbers are those of Errc.
const std::error_category& error_category() noexcept;
/// `code` in that category; found by std::error_code wherever it meets an Errc.
std::error_code make_error_code(Errc code) noexcept;

/// A failure: the code programs compare, and the whole sentence a person should read.
class Error {
 public:
  /// The category's own sentence serves as the message.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Error(std::error_code code) : code_(code), message_(code.message()) {}
  /// The same with a failure of the library.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Error(Errc code) : Error(make_error_code(code)) {}
  ///@{
  /// `message`: one whole sentence for people.
  Error(std::error_code code, std::string message) : code_(code), message_(std::move(message)) {}
  Error(Errc code, std::string message) : Error(make_error_code(code), std::move(message)) {}
  ///@}

  /// What programs compare; for an Errc, is() does it.
  [[nodiscard]] const std::error_code& code() const noexcept { return code_; }
  /// What people read; no program should parse it.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  /// Whether it is the failure `code`. Never for a failure of the kernel.
  [[nodiscard]] bool is(Errc code) const noexcept { return code_ == make_error_code(code); }

  /// A failed system call: "<what>: <strerror>", with `errno_value` in the generic category.
  static Error from_errno(std::string_view what, int errno_value);

 private:
  std::error_code code_;
  std::string message_;
};

}  // namespace uds

/// @cond  Doxygen has no place for it.
// Lets an Errc be compared with a std::error_code, and become one.
template <>
struct std::is_error_code_enum<uds::Errc> : std::true_type {};
/// @endcond
