// What an ERROR says to people who use udsctl. Pure.
//
// The daemon's own sentence, but for its advice to ask `help`, which is a command of the daemon:
// there the verbs of udsctl are named. By codes and fields; sentences are nobody's to parse.
#pragma once

#include "options.hpp"

#include "uds/message.hpp"

#include <string>
#include <string_view>

namespace udsctl {

/// The command of the daemon that a command line asks for; empty where it is the verb's business.
std::string command_of(const Options& options);
/// The sentence of `response`, an ERROR to a request about `command`, which may be empty.
std::string sentence_of(const uds::Response& response, std::string_view command);

}  // namespace udsctl
