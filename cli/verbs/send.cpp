// udsctl send: one request from the command line, or one per line of standard input on one
// connection.
//
// A line that is no request ends the batch: what follows may build on it.
#include "conversation.hpp"
#include "line_reader.hpp"
#include "output.hpp"
#include "verbs.hpp"

#include <unistd.h>

#include <cstddef>
#include <string>

namespace udsctl {
namespace {

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

Exit send_lines(const Options& options) {
  Conversation conversation(options);
  if (const Exit status = conversation.connect(); status != Exit::Ok) return status;

  LineReader lines(STDIN_FILENO, conversation.interrupt_descriptor());
  Exit first = Exit::Ok;
  const auto note = [&first](Exit status) {
    if (first == Exit::Ok) first = status;
  };
  for (std::size_t number = 1; conversation.usable(); ++number) {
    const auto line = lines.next();
    if (!line) {
      if (!line.error().is(uds::Errc::Interrupted)) complain(line.error().message());
      note(exit_for(line.error()));
      break;
    }
    if (!*line) break;
    if (is_blank(**line)) continue;
    const auto request = conversation.read(**line, "line " + std::to_string(number) + ": ");
    if (!request) {
      note(Exit::NotARequest);
      break;
    }
    note(conversation.ask(*request));
  }
  return first;
}

}  // namespace

Exit send(const Options& options) {
  if (options.arguments.size() != 1) {
    complain(
        "send takes one argument, a request or -; quote the request: udsctl send "
        "'{\"cmd\":\"ping\"}'");
    return Exit::Usage;
  }
  const std::string& text = options.arguments.front();
  if (text == "-") return send_lines(options);
  Conversation conversation(options);
  const auto request = conversation.read(text);
  return request ? conversation.ask(*request) : Exit::NotARequest;
}

}  // namespace udsctl
