// How udsd ends: the exit codes of sysexits(3), each with what it means here. `udsd --help` prints
// the same list.
#pragma once

namespace udsd {

enum class ExitCode {
  Ok = 0,             ///< stopped as asked
  Denied = 1,         ///< --check-config --as: the user may not run the command
  Usage = 64,         ///< an option or a UDSD_ variable is wrong
  Unavailable = 69,   ///< another daemon serves the socket
  Software = 70,      ///< a bug in udsd
  OsError = 71,       ///< the operating system refused something udsd cannot do without
  CannotCreate = 73,  ///< the socket cannot be created
  NoPermission = 77,  ///< udsd lacks the permission to create the socket
  Config = 78,        ///< the configuration file, or the socket that systemd passed, is wrong
};

inline constexpr const char* kExitCodeHelp =
    "Exit status:\n"
    "   0  stopped as asked\n"
    "   1  --check-config --as: the user may not run the command\n"
    "  64  an option or a UDSD_ variable is wrong\n"
    "  69  another daemon serves the socket\n"
    "  70  a bug in udsd\n"
    "  71  the operating system refused something udsd cannot do without\n"
    "  73  the socket cannot be created\n"
    "  77  udsd lacks the permission to create the socket\n"
    "  78  the configuration file, or the socket that systemd passed, is wrong\n";

}  // namespace udsd
