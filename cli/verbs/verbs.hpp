// What udsctl can do: one function per verb, each in a file of its own.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace udsctl {

/// Asks whether the daemon answers.
Exit ping(const Options& options);
/// Runs a command by its name, with arguments of the types that the daemon says it has.
Exit call(const Options& options);
/// Shows the commands that the caller may use.
Exit list(const Options& options);
/// Shows what one command does, and what it takes.
Exit describe(const Options& options);
/// Says what one verb or one command does and takes, or all there is to know of udsctl.
Exit help(const Options& options);
/// Asks what the daemon is, and who the caller is.
Exit hello(const Options& options);
/// Asks the daemon to read its configuration again.
Exit reload(const Options& options);
/// Tells the log level of the daemon, or sets it.
Exit log_level(const Options& options);
/// Ends the daemon.
Exit shut_down(const Options& options);
/// Follows what happens in the daemon.
Exit events(const Options& options);
/// Shows the daemon's counters, once or again and again.
Exit stats(const Options& options);
/// Shows connections and requests on a whole screen, or once as text.
Exit top(const Options& options);
/// Sends a request, or with `-` each line of standard input.
Exit send(const Options& options);

/// Runs a command by its name: its output, and its exit status.
Exit run(const Options& options);
/// Follows a run that was started before.
Exit attach(const Options& options);
/// Shows the runs that there are.
Exit runs(const Options& options);
/// Shows one run.
Exit show(const Options& options);
/// Waits until runs have ended.
Exit wait(const Options& options);
/// Asks for the end of a run.
Exit cancel(const Options& options);
/// Asks whether a command may be run.
Exit can_i(const Options& options);
/// Shows what a command would execute.
Exit explain(const Options& options);
/// Shows what was run, and by whom.
Exit audit(const Options& options);

/// Looks for what stands between the caller and an answer.
Exit doctor(const Options& options);
/// Prints a completion script for a shell.
Exit completion(const Options& options);
/// What completion scripts ask: the words that could stand in the place of the last one.
Exit complete(const Options& options);

/// Complains that there are arguments.
Exit takes_no_argument(const Options& options);

}  // namespace udsctl
