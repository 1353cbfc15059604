// The listening socket of udsd: passed by systemd, or made as configured.
#pragma once

#include "exit_code.hpp"
#include "settings.hpp"
#include "systemd.hpp"
#include "uds/result.hpp"
#include "uds/socket_builder.hpp"

namespace udsd {

/// The socket to serve: what systemd passed, or one made as `settings` say. Never makes or removes
/// one that was passed.
uds::Result<uds::ListeningSocket> open_socket(Handover& handover, const SocketSettings& settings,
                                              bool user);
/// How udsd ends when open_socket() fails with `error`.
ExitCode exit_code_of(const uds::Error& error) noexcept;

}  // namespace udsd
