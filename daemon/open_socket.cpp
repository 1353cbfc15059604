// Where the socket comes from decides who cares for it: one that systemd passed stays as systemd
// made it.
#include "open_socket.hpp"

#include <system_error>

#include "paths.hpp"

namespace udsd {

uds::Result<uds::ListeningSocket> open_socket(Handover& handover, const SocketSettings& settings,
                                              bool user) {
  if (handover.socket) {
    // `systemctl edit udsd.socket` must be enough to move the socket, so the built-in path is not
    // compared.
    const uds::SocketBuilder expected(settings.path_is_explicit ? settings.path : "");
    return expected.adopt(handover.socket->release());
  }
  const auto prepared = prepare_socket_directory(settings.path, user);
  if (!prepared) return prepared.error();
  uds::SocketBuilder builder(settings.path);
  builder.permissions(settings.mode).backlog(settings.backlog);
  if (settings.owner) builder.owner(*settings.owner);
  if (settings.group) builder.group(*settings.group);
  return builder.listen();
}

ExitCode exit_code_of(const uds::Error& error) noexcept {
  using uds::Errc;
  if (error.is(Errc::InUse)) return ExitCode::Unavailable;
  if (error.code() == std::errc::permission_denied ||
      error.code() == std::errc::operation_not_permitted)
    return ExitCode::NoPermission;
  for (const Errc code : {Errc::BadPath, Errc::PathTooLong, Errc::UnknownUser, Errc::UnknownGroup,
                          Errc::BadDescriptor})
    if (error.is(code)) return ExitCode::Config;
  return ExitCode::CannotCreate;
}

}  // namespace udsd
