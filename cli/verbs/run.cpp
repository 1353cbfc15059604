// udsctl run and attach: a declared command with its output and its exit status as if it ran here.
//
// The statuses 124 to 127 are uds's own. Standard output and standard error carry what the command
// writes, so what udsctl tells of it goes to a terminal only.
#include "conversation.hpp"
#include "error_sentence.hpp"
#include "json_members.hpp"
#include "named_command.hpp"
#include "output.hpp"
#include "runs/run_exit.hpp"
#include "runs/run_follower.hpp"
#include "runs/run_id.hpp"
#include "verbs/verbs.hpp"
#include "visible_text.hpp"

#include "uds/fd.hpp"

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <utility>

namespace udsctl {
namespace {

using uds::Json;
using OnInterrupt = RunFollower::OnInterrupt;

/// Responses are for --result only: an ERROR goes to standard error.
Options without_responses(const Options& options) {
  Options quiet = options;
  quiet.format = Format::Nothing;
  return quiet;
}

/// The file of --result, empty, none where none is wanted. Opened before anything else, so that it
/// never holds what an earlier run has left there.
uds::Result<uds::Fd, Exit> open_result(const Options& options) {
  if (options.result.empty()) return uds::Fd();
  uds::Fd file(::open(options.result.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file) return file;
  return fail(Exit::Failed,
              uds::Error::from_errno("cannot write " + options.result, errno).message());
}

bool has_dropped_output(const Json& data) {
  const Json* dropped = member(data, "dropped");
  return dropped != nullptr && dropped->is_number_unsigned() && *dropped != Json(0);
}

/// The status for the end of a run. Tells what it does not say: what is not the command's own, and
/// what is missing.
Exit judge(const RunEnd& end, RunFollower& follower, const std::string& command) {
  const uds::Response& response = end.response;
  if (has_dropped_output(response.data()))
    complain("some of the output was discarded, since the command wrote more than it may");
  if (response.status() == uds::Status::Ok) return Exit::Ok;
  const auto own = command_exit(response);
  if (follower.interrupted() && is_code(response, uds::Code::Cancelled))
    return own.value_or(Exit::Interrupted);
  if (!own)
    complain_of(response, end.text, sentence_of(response, command));
  else if (static_cast<int>(*own) > 128)
    follower.output().tell(response.message());  // as a shell does
  return run_exit(response);
}

Exit finish(const uds::Result<RunEnd, Exit>& ended, RunFollower& follower, const uds::Fd& result,
            const std::string& command = {}) {
  if (!ended) return ended.error();
  if (result) {
    const auto written = write_all(result.get(), one_line(ended->text) + "\n");
    if (!written) return fail(Exit::Failed, "the file of --result could not be written");
  }
  return judge(*ended, follower, command);
}

}  // namespace

Exit run(const Options& options) {
  const auto result = open_result(options);
  if (!result) return result.error();
  const Options quiet = without_responses(options);
  Conversation conversation(quiet);
  auto command = read_named_command(quiet, conversation);
  if (!command) return command.error();
  if (!command->detachable)
    return fail(Exit::Unknown, visible(command->name) + " is no declared command; udsctl call " +
                                   visible(command->name) + " calls it");
  uds::Request request(command->name, std::move(command->arguments));
  request.timeout = options.timeout;
  request.detach = options.detach;
  RunFollower follower(quiet, conversation,
                       options.detach_on_interrupt ? OnInterrupt::Detach : OnInterrupt::Cancel);
  const auto ended = follower.start(request, command->takes_descriptors);
  const Exit status = finish(ended, follower, *result, request.cmd);
  if (status != Exit::Ok || !options.detach) return status;
  return print(visible_member(ended->response.data(), "run") + "\n", Exit::Failed);
}

Exit attach(const Options& options) {
  const auto result = open_result(options);
  if (!result) return result.error();
  if (options.arguments.size() != 1 || !is_run_id(options.arguments.front()))
    return wants_a_run(options);
  const Options quiet = without_responses(options);
  Conversation conversation(quiet);
  RunFollower follower(quiet, conversation, OnInterrupt::Leave);
  return finish(follower.attach(options.arguments.front(), options.from), follower, *result);
}

}  // namespace udsctl
