// The category "uds": for each Errc one sentence that says what happened and what to do next.
//
// These sentences stand alone, without the path or name of the case at hand; whoever knows those
// passes a better text to Error beside the code.
#include "uds/error.hpp"

namespace uds {
namespace {

const char* sentence(Errc code) noexcept {
  switch (code) {
    case Errc::BadPath:
      return "the socket path cannot be used; give an absolute path without NUL bytes";
    case Errc::PathTooLong:
      return "the socket path is longer than the 107 bytes the system allows; choose a shorter one";
    case Errc::NotASocket:
      return "something that is no socket stands at the path; move it away or choose another path";
    case Errc::InUse:
      return "another process serves this socket; stop it or choose another path";
    case Errc::UnsafeDirectory:
      return "the directory of the socket is missing or cannot be trusted; create it or choose "
             "another one";
    case Errc::UnknownUser:
      return "there is no such user on this host; correct the name or create the user";
    case Errc::UnknownGroup:
      return "there is no such group on this host; correct the name or create the group";
    case Errc::BadDescriptor:
      return "the inherited descriptor is not the expected listening socket; check what starts "
             "this process";
    case Errc::NoDaemon:
      return "there is no socket at the path; start the daemon or correct the path";
    case Errc::ConnectionRefused:
      return "nobody listens on the socket; start the daemon again";
    case Errc::ServerBusy:
      return "the server did not take the connection in time; try again later";
    case Errc::AccessDenied:
      return "the socket may not be opened by this user; join its group or ask the administrator";
    case Errc::UntrustedServer:
      return "the server runs as a user that is not trusted; check who serves the path or name "
             "that user as trusted";
    case Errc::Deadline:
      return "the time for the operation ran out; allow more time or check the server";
    case Errc::Interrupted:
      return "the operation was interrupted; run it again if it is still wanted";
    case Errc::ConnectionLost:
      return "the connection ended before the final response, so the outcome is unknown; check "
             "before trying again";
    case Errc::BadReply:
      return "the server sent something that is no response; check that the path belongs to a uds "
             "server";
    case Errc::NotARequest:
      return "the text is no request; write one JSON object such as {\"cmd\":\"ping\"}";
  }
  return "unknown failure; the number of this code belongs to another version of the library";
}

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "uds"; }
  std::string message(int value) const override { return sentence(static_cast<Errc>(value)); }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

Error Error::from_errno(std::string_view what, int errno_value) {
  const std::error_code code(errno_value, std::generic_category());
  return {code, std::string(what) + ": " + code.message()};
}

}  // namespace uds
