// udsctl send: one request from the command line, or one per line of standard input on one
// connection.
//
// A line that is no request ends the batch: what follows may build on it.
#include "conversation.hpp"
#include "line_reader.hpp"
#include "output.hpp"
#include "pipeline.hpp"
#include "verbs/verbs.hpp"

#include <unistd.h>

#include <cstddef>
#include <string>

namespace udsctl {
namespace {

/// Each request over a connection of its own: one that is half-closed takes no other.
Exit send_one_by_one(Conversation& conversation) {
  LineReader lines(STDIN_FILENO);
  Exit first = Exit::Ok;
  const auto note = [&first](Exit status) {
    if (first == Exit::Ok) first = status;
  };
  for (std::size_t number = 1; conversation.usable(); ++number) {
    const auto line = lines.next(conversation.connection().interrupt_descriptor());
    if (!line) {
      const Exit status = exit_for(line.error());
      note(status == Exit::Interrupted ? status : fail(status, line.error().message()));
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

Exit send_lines(const Options& options) {
  Conversation conversation(options);
  if (const Exit status = conversation.connect(); status != Exit::Ok)
    return conversation.finish(status);
  conversation.renderer().name_requests();
  if (options.half_close) return conversation.finish(send_one_by_one(conversation));
  Pipeline pipeline(options, conversation, STDIN_FILENO);
  return conversation.finish(pipeline.run());
}

}  // namespace

Exit send(const Options& options) {
  if (options.arguments.size() != 1)
    return fail(Exit::Usage,
                "send takes one argument, a request or -; quote the request: udsctl send "
                "'{\"cmd\":\"ping\"}'");
  const std::string& text = options.arguments.front();
  if (text == "-") return send_lines(options);
  Conversation conversation(options);
  return conversation.ask_once(text);
}

}  // namespace udsctl
