// Writing to standard output and standard error, whole or not at all. Owns nothing, buffers
// nothing.
//
// What udsctl itself has to say goes through complain() and fail(), a line each on standard error:
// text for people, or JSON where the user asked for that.
#pragma once

#include "exit_code.hpp"

#include "uds/message.hpp"
#include "uds/result.hpp"

#include <string>
#include <string_view>

namespace udsctl {

/// Writes all of `text` to `descriptor`, waiting where that is needed.
uds::Result<void> write_all(int descriptor, std::string_view text);
/// Writes to standard error what is not worth a failure, as far as that can be written.
void write_to_stderr(std::string_view text);
/// Writes to standard output. A failure is complained about, and has the status `failure`.
Exit print(std::string_view text, Exit failure = Exit::Io);
/// From now on nobody to read standard error is no reason to end: what cannot be written there is
/// discarded. For standard output output_failed() sees to it.
void outlive_broken_pipes();

/// From now on complain() and fail() write JSON.
void speak_json();
/// "udsctl: <sentence>" with everything foreign made visible, or {"message":…}.
void complain(std::string_view sentence);
/// The line that complain() writes.
std::string complaint(std::string_view sentence);
/// The same for what ends udsctl: JSON gets `error.code` and `error.exit`, too. Returns `status`.
Exit fail(Exit status, std::string_view sentence);
/// What the daemon answered, an ERROR, for whoever gets no responses on standard output. `text` is
/// what was received; people get `sentence` and the code.
void complain_of(const uds::Response& response, std::string_view text, std::string_view sentence);

/// Complains about a failed write of output and gives the status for it, which is `status`. A
/// broken pipe is no complaint: it ends the process as SIGPIPE does, unless that was ignored.
Exit output_failed(const uds::Error& error, Exit status = Exit::Io);

}  // namespace udsctl
