// Which socket to use: --socket, then --user, then $UDS_SOCKET, then the system instance's. Opens
// nothing.
#pragma once

#include "options.hpp"

#include "uds/error.hpp"
#include "uds/result.hpp"

#include <string>
#include <string_view>

namespace udsctl {

/// The absolute path of the socket. The error is a sentence for people.
uds::Result<std::string, uds::Error> choose_socket(const Options& options);

/// Why choose_socket() takes the path that it does.
std::string source_of_socket(const Options& options);

/// Whether `path` is where the system's instance has its socket.
bool is_system_socket(std::string_view path);
/// The command that starts a daemon with its socket at `path`.
std::string start_command(const std::string& path);

/// A clause that names the private instance, or the system's, if its socket exists and is not
/// `path`; empty otherwise.
std::string other_instance(const std::string& path);

/// The sentence for a failure to connect to `path`: says how to start the daemon, and names the
/// other instance's socket (the private or the system one) if that exists.
std::string explain(const uds::Error& error, const std::string& path);

}  // namespace udsctl
