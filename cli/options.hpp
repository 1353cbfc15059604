// The command line of udsctl, read once into a plain value. Touches no socket.
//
// Options may stand before or after the verb. What a verb does with its arguments is the verb's
// business. The table here is what completion and the checks of a command line share.
#pragma once

#include "uds/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

/// How responses are shown.
enum class Format {
  Automatic,  ///< for people where standard output is a terminal, else lines
  Lines,      ///< each response in one line of JSON
  Pretty,     ///< each response as JSON over several lines
  Array,      ///< all responses as one JSON array
  Field,      ///< one value of each final response
  Nothing,    ///< only what went wrong
};

class Options {
 public:
  std::string verb;
  std::vector<std::string> arguments;  // after the verb
  std::optional<std::string> socket;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::chrono::milliseconds> connect_timeout;
  std::optional<std::chrono::milliseconds> interval;
  std::vector<uid_t> server_uids;
  Format format = Format::Automatic;
  std::string field;    // a JSON pointer, for Format::Field
  std::string result;   // run, attach: the file for the final response; empty for none
  std::string command;  // runs, audit: only of this command; empty for all
  std::string caller;   // audit: only of this user, by name or number; empty for all
  std::string run;      // audit: only of this run; empty for all
  std::string signal;   // cancel: its name without SIG; empty for the daemon's choice
  std::string as;       // can-i: for this user; empty for the caller
  std::optional<std::chrono::milliseconds> since;  // audit: how far back
  std::uint64_t from = 1;                          // attach: the first event
  unsigned retries = 0;                            // for answers that say it may help
  std::size_t parallel = 0;  // requests in flight at once; 0: as many as the daemon takes
  bool json = false;         // what udsctl itself has to say is JSON, too
  bool user = false;
  bool half_close = false;
  bool watch = false;
  bool detach = false;
  bool detach_on_interrupt = false;
  bool all = false;
  bool running = false;
  bool any = false;
  bool once = false;
  bool help = false;
  bool version = false;
};

/// Why a command line is refused.
struct Refusal {
  std::string sentence;
  bool json;  ///< --json is among the options
};
/// Reads main()'s arguments.
uds::Result<Options, Refusal> parse_options(int argc, char** argv);

/// An option with its dashes, the name of its value ("" where it takes none, in brackets where it
/// may be left out), and what it does.
struct OptionInfo {
  std::string_view name;
  std::string_view value;
  std::string_view summary;
};
std::span<const OptionInfo> option_table();
/// Whether what stands behind the name of a command belongs to that command, and udsctl's options
/// stand before it.
bool takes_command_with_words(std::string_view verb);
/// Whether the exit status of `verb` is that of a run, and udsctl's own are 124 to 127.
bool passes_status(std::string_view verb);
/// Whether `verb` takes the option `name` of the table; most take most.
bool takes_option(std::string_view verb, std::string_view name);
/// Whether the option `name` is for `verb`, and perhaps a few others.
bool belongs_to(std::string_view verb, std::string_view name);

}  // namespace udsctl
