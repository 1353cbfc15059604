// A command of the daemon as a command line names it, with arguments of the types that the daemon
// says it has: what call, run, can-i and explain have in common.
#pragma once

#include "conversation.hpp"
#include "options.hpp"

#include "uds/json.hpp"
#include "uds/result.hpp"

#include <string>

namespace udsctl {

struct NamedCommand {
  std::string name;
  uds::Json arguments;     ///< an object
  bool takes_descriptors;  ///< it may be given open files
  bool needs_descriptors;  ///< and does nothing without
  bool detachable;         ///< it may go on by itself, as runs of declared commands do
};

/// Asks the daemon for the command that stands first behind the verb, and reads what follows.
/// Error: the status to leave with; what is wrong has been complained about. Ok, when what was
/// asked for is the usage, which has been printed.
uds::Result<NamedCommand, Exit> read_named_command(const Options& options,
                                                   Conversation& conversation);

/// A request as text. `arguments`: an object.
std::string request_for(const std::string& command, uds::Json arguments);
/// The request for what the daemon says of `command`.
std::string help_for(const std::string& command);
/// Complains that a verb takes one command, or at least one.
Exit wants_a_command(const Options& options);

}  // namespace udsctl
