// The exit status of udsctl: the numbers of sysexits.h where one fits, those of timeout(1) and
// shells elsewhere.
//
// Pure: what happened in, a number out. Documented in `udsctl --help`; scripts rely on it, so
// nothing here changes.
#pragma once

#include "uds/error.hpp"
#include "uds/message.hpp"

#include <string_view>

namespace udsctl {

enum class Exit : int {
  Ok = 0,
  No = 1,            ///< can-i: the caller may not
  Error = 2,         ///< the daemon answered ERROR
  Usage = 64,        ///< the command line is wrong
  NotARequest = 65,  ///< the text is no request
  NoField = 65,      ///< the response lacks what --field names
  NoDaemon = 69,     ///< nobody there, or too busy to take the connection
  Io = 74,           ///< reading, writing or the system failed
  NoFinal =
      76,  ///< the connection ended before a final response, or something else than a response came
  Denied = 77,        ///< the socket may not be opened, the server is not trusted, or it said
                      ///< permission_denied
  Timeout = 124,      ///< the time was over, on this side or on the daemon's
  Failed = 125,       ///< of a run: uds itself failed, so how the command ended is not known
  Forbidden = 126,    ///< of a run: not allowed, or not executable
  Unknown = 127,      ///< of a run: there is no such command
  Interrupted = 130,  ///< SIGINT or SIGTERM
  BrokenPipe = 141,   ///< nobody reads standard output any more
};

/// Whether `response` is an ERROR with this code.
bool is_code(const uds::Response& response, uds::Code code);

/// For a final response.
Exit exit_for(const uds::Response& response);
/// For a failure to get one.
Exit exit_for(const uds::Error& error);

/// What programs match in a failure that udsctl itself reports as JSON: "no_daemon", "usage", ….
std::string_view code_of(Exit status);

}  // namespace udsctl
