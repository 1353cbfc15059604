// The command line of udsctl, read once into a plain value. Touches no socket.
//
// Options may stand before or after the verb. What a verb does with its arguments is the verb's
// business.
#pragma once

#include "uds/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

class Options {
 public:
  std::string verb;
  std::vector<std::string> arguments;  // after the verb
  std::optional<std::string> socket;
  std::optional<std::chrono::milliseconds> timeout;
  std::vector<uid_t> server_uids;
  bool user = false;
  bool json = false;
  bool half_close = false;
  bool help = false;
  bool version = false;
};

/// Reads main()'s arguments. The error is a sentence for people.
uds::Result<Options, std::string> parse_options(int argc, char** argv);

std::string_view help_text();

}  // namespace udsctl
