// Body of error_sentence.hpp.
#include "error_sentence.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "exit_code.hpp"
#include "json_members.hpp"

namespace udsctl {
namespace {

using uds::Json;

/// Verbs whose argument is a command of the daemon.
constexpr std::array<std::string_view, 6> kOfCommands{"run",   "call",    "describe",
                                                      "can-i", "explain", "help"};
/// Verbs that are a command of the daemon, with an argument that a person writes.
constexpr std::array<std::string_view, 2> kAreCommands{"log-level", "shutdown"};
/// Of a name of an argument in a sentence.
constexpr std::size_t kMostPointerBytes = 64;

template <std::size_t Size>
bool is_listed(const std::array<std::string_view, Size>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool suggests_nothing(const uds::Response& response) {
  const Json* suggestions = member(response.error(), "did_you_mean");
  return suggestions != nullptr && suggestions->is_array() && suggestions->empty();
}

/// "count must be at least 1", the first of what does not fit; empty where nothing is listed.
std::string first_misfit(const uds::Response& response) {
  const Json* all = member(response.error(), "errors");
  if (all == nullptr || !all->is_array() || all->empty()) return {};
  const std::string pointer = text_member(all->front(), "pointer");
  if (pointer.size() < 2 || pointer.size() > kMostPointerBytes) return {};
  return pointer.substr(1) + " " + text_member(all->front(), "message");
}

}  // namespace

std::string command_of(const Options& options) {
  if (is_listed(kAreCommands, options.verb)) return options.verb;
  if (!is_listed(kOfCommands, options.verb) || options.arguments.empty()) return {};
  return options.arguments.front();
}

std::string sentence_of(const uds::Response& response, std::string_view command) {
  const std::string name(command);
  if (is_code(response, uds::Code::UnknownCommand) && suggests_nothing(response))
    return (name.empty() ? "there is no such command"
                         : "there is no command " + name + ", or none that you may know") +
           std::string("; udsctl list shows those you may use");
  if (is_code(response, uds::Code::InvalidArgs) && !name.empty())
    if (const std::string misfit = first_misfit(response); !misfit.empty())
      return "the arguments do not fit: " + misfit + "; udsctl describe " + name +
             " says what it takes";
  return response.message();
}

}  // namespace udsctl
