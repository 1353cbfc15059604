// Body of run_follower.hpp: a loop over connections around a loop over responses.
#include "runs/run_follower.hpp"

#include "json_members.hpp"
#include "output.hpp"
#include "runs/run_exit.hpp"
#include "runs/shell_text.hpp"

#include "uds/descriptors.hpp"
#include "uds/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace udsctl {
namespace {

using std::chrono::milliseconds;
using uds::Json;
using Clock = std::chrono::steady_clock;

Json argument(std::string_view name, std::string value) {
  Json arguments = Json::object();
  arguments[std::string(name)] = std::move(value);
  return arguments;
}

uds::Result<uds::Descriptors> standard_input() {
  uds::Fd input(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  if (!input) return uds::Error::from_errno("cannot pass on standard input", errno);
  uds::Descriptors descriptors;
  descriptors.add(std::move(input));
  return descriptors;
}

}  // namespace

RunFollower::RunFollower(const Options& options, Conversation& conversation,
                         OnInterrupt on_interrupt)
    : options_(options), conversation_(conversation), on_interrupt_(on_interrupt) {}

RunFollower::~RunFollower() {
  Interrupt::set_last_words(nullptr);
}

uds::Result<RunEnd, Exit> RunFollower::start(const uds::Request& request, bool with_input) {
  return follow(request, with_input);
}

uds::Result<RunEnd, Exit> RunFollower::attach(const std::string& run, std::uint64_t from) {
  next_ = from;
  attached_ = true;
  learn_run(run);
  return follow(attach_request(), false);
}

uds::Result<RunEnd, Exit> RunFollower::follow(uds::Request request, bool with_input) {
  if (!conversation_.connection().is_open())
    if (const Exit status = conversation_.connect(); status != Exit::Ok) return status;
  conversation_.connection().end_at_termination();
  unsigned repeats_left = options_.retries;
  for (;;) {
    Step step = converse(request, with_input);
    output_.clear();
    if (step == Step::Over) step = repeat(repeats_left);
    if (step == Step::Over) return *std::exchange(end_, std::nullopt);
    if (step == Step::Lost) {
      step = connect_again();
      request = attach_request();
      attached_ = true;
      with_input = false;
    }
    if (step == Step::Left) return status_;
  }
}

RunFollower::Step RunFollower::connect_again() {
  // What was refused is asked for in another way, over the same connection.
  if (conversation_.connection().is_open()) return Step::Go;
  switch (const Exit status = conversation_.connect_again(pauses_, *give_up_)) {
    case Exit::Ok:
      return Step::Go;
    case Exit::Interrupted:
      return leave();
    case Exit::NoDaemon:
      return lost("the daemon does not come back");
    default:
      return left(status);
  }
}

/// Go if the request is to be sent again, since nothing was started.
RunFollower::Step RunFollower::repeat(unsigned& repeats_left) {
  const auto asked = repeat_after(end_->response);
  if (!asked || repeats_left == 0 || interrupted_ || attached_) return Step::Over;
  --repeats_left;
  output_.tell(end_->response.message() + "; trying again");
  const milliseconds pause = std::max(repeat_pauses_.next(), *asked);
  if (conversation_.rest(pause) == Exit::Interrupted) return left(Exit::Interrupted);
  Interrupt::set_last_words(nullptr);
  run_.clear();
  next_ = 1;
  if (conversation_.connection().is_open()) return Step::Go;
  const Exit status = conversation_.connect();
  return status == Exit::Ok ? Step::Go : left(status);
}

RunFollower::Step RunFollower::converse(const uds::Request& request, bool with_input) {
  uds::Result<uds::Descriptors> descriptors = uds::Descriptors();
  if (with_input) descriptors = standard_input();
  if (!descriptors) return left(fail(Exit::Failed, descriptors.error().message()));
  const auto sent = client().send(request, *std::move(descriptors));
  // The daemon ends what takes too long, and may need the whole grace of the command for that.
  if (options_.verb == "run") client().set_call_timeout(std::nullopt);
  if (!sent && !sent.error().is(uds::Errc::Interrupted))
    return left(conversation_.connection().explain_failure(sent.error()));
  return receive();
}

RunFollower::Step RunFollower::receive() {
  for (;;) {
    auto response = client().next();
    if (!response) {
      if (response.error().is(uds::Errc::ConnectionLost)) return lost("the connection was lost");
      if (!response.error().is(uds::Errc::Interrupted)) {
        output_.clear();
        return left(conversation_.connection().explain_failure(response.error()));
      }
      conversation_.connection().acknowledge_interrupt();
      if (const Step step = see_to_interrupt(); step != Step::Go) return step;
      continue;
    }
    if (response->final()) {
      end_ = RunEnd{*std::move(response), std::string(client().last_text())};
      learn_run(text_member(end_->response.data(), "run"));
      learn_run(text_member(end_->response.error(), "run"));
      return goes_on() ? lost(end_->response.message()) : Step::Over;
    }
    give_up_.reset();
    pauses_.restart();
    if (const Step step = take(*response); step != Step::Go) return step;
  }
}

/// Whether the final response is only the end of what this daemon has to say of the run.
bool RunFollower::goes_on() const {
  const uds::Response& response = end_->response;
  if (is_code(response, uds::Code::ShuttingDown)) return !run_.empty();
  // Where a daemon comes back, everybody does.
  return attached_ && is_code(response, uds::Code::Busy);
}

/// The daemon is gone. Lost as long as it may come back.
RunFollower::Step RunFollower::lost(std::string_view why) {
  output_.clear();
  conversation_.connection().close();
  // Who does not want to follow a run does not come back for it.
  if (run_.empty() || options_.detach)
    return left(fail(Exit::Failed, std::string(why) +
                                       " before the daemon said which run it is; udsctl runs "
                                       "shows whether it was started"));
  const auto now = Clock::now();
  if (!give_up_) {
    give_up_ = now + kPatienceForRestart;
    output_.tell(std::string(why) + "; connecting again");
  }
  if (now < *give_up_) return Step::Lost;
  return left(fail(Exit::Failed, std::string(why) + ", so how run " + run_ +
                                     " ends is not known; follow it with " + attach_command()));
}

RunFollower::Step RunFollower::left(Exit status) {
  status_ = status;
  return Step::Left;
}

void RunFollower::learn_run(const std::string& run) {
  if (!run_.empty() || run.empty()) return;
  run_ = run;
  last_words_.number = next_;
  // The number stands at the end of the command.
  std::string words = complaint("left run " + run_ + "; follow it with " + attach_command());
  const std::string number = std::to_string(next_);
  const std::size_t at = words.rfind(number);
  last_words_.before = words.substr(0, at);
  last_words_.behind = words.substr(at + number.size());
  Interrupt::set_last_words(&last_words_);
}

/// Shows a PROCESSING.
RunFollower::Step RunFollower::take(const uds::Response& response) {
  const bool knew = !run_.empty();
  learn_run(text_member(response.data(), "run"));
  if (!knew && !run_.empty() && detach_wanted_) return detach();
  const Json* event = member(response.data(), "event");
  const std::uint64_t number =
      event != nullptr && event->is_number_unsigned() ? event->get<std::uint64_t>() : 0;
  if (number != 0 && number < next_) return Step::Go;
  Step step = Step::Go;
  if (response.output()) {
    step = write(*response.output());
  } else if (response.progress()) {
    output_.show_progress(response);
  } else if (const Json* position = member(response.data(), "position")) {
    output_.tell("queued at position " + uds::to_json_text(*position));
  } else if (number != 0) {
    output_.tell(response.message());
  }
  if (number != 0) last_words_.number = next_ = number + 1;
  return step;
}

RunFollower::Step RunFollower::write(const uds::Output& output) {
  Step next = Step::Go;
  std::string_view rest = output.bytes;
  while (!rest.empty()) {
    Connection& connection = conversation_.connection();
    const auto written = output_.write_some(output.stream, rest, connection.interrupt_descriptor());
    if (written) {
      rest.remove_prefix(*written);
    } else if (written.error().is(uds::Errc::Interrupted)) {
      connection.acknowledge_interrupt();
      // An event is shown once, and whole, where there is more to come.
      if (next = see_to_interrupt(); next == Step::Left) return next;
    } else {
      return cannot_write(written.error());
    }
  }
  return next;
}

RunFollower::Step RunFollower::cannot_write(const uds::Error& error) {
  output_.clear();
  if (error.code() == std::errc::broken_pipe) return left(output_failed(error));
  return left(fail(Exit::Failed, error.message() + ", so run " + run_ +
                                     " was left; make room or direct the output elsewhere, and "
                                     "follow it with " +
                                     attach_command()));
}

RunFollower::Step RunFollower::see_to_interrupt() {
  switch (on_interrupt_) {
    case OnInterrupt::Cancel:
      return cancel();
    case OnInterrupt::Detach:
      detach_wanted_ = true;
      return run_.empty() ? Step::Go : detach();
    case OnInterrupt::Leave:
      break;
  }
  return leave();
}

/// Asks for the end of the run, which is still waited for.
RunFollower::Step RunFollower::cancel() {
  interrupted_ = true;
  uds::Result<void> asked;
  if (run_.empty()) {
    asked = client().cancel();
  } else {
    Json arguments = argument("run", run_);
    arguments["signal"] = "INT";
    asked = client().post_text(uds::Request("run.cancel", std::move(arguments))
                                   .with_id(uds::RequestId("udsctl.cancel"))
                                   .to_text());
  }
  // What failed is the connection, and to go on reading tells so.
  if (asked) output_.tell("asked for the end of the run; Ctrl-C once more leaves at once");
  return Step::Go;
}

RunFollower::Step RunFollower::detach() {
  detach_wanted_ = false;
  auto sent = client().send(uds::Request("run.detach", argument("run", run_)));
  client().set_call_timeout(kPatienceOnceCancelled);
  while (sent || sent.error().is(uds::Errc::Interrupted)) {
    const auto answer = client().next();
    if (!answer) break;
    if (!answer->final()) continue;
    if (answer->status() == uds::Status::Ok) return leave();
    output_.clear();
    complain("the run cannot be left to itself: " + answer->message());
    // What has come in between was not shown.
    give_up_ = Clock::now() + kPatienceForRestart;
    return Step::Lost;
  }
  return lost("the connection was lost");
}

RunFollower::Step RunFollower::leave() {
  output_.clear();
  complain("left run " + run_ + "; follow it with " + attach_command());
  return left(Exit::Interrupted);
}

uds::Request RunFollower::attach_request() const {
  Json arguments = argument("run", run_);
  arguments["from"] = next_;
  uds::Request request("run.attach", std::move(arguments));
  // The time that was given for a run is the daemon's to count.
  if (options_.verb == "attach") request.timeout = options_.timeout;
  return request;
}

std::string RunFollower::attach_command() const {
  std::string command = "udsctl ";
  if (options_.socket) command += "--socket " + shell_word(*options_.socket) + " ";
  if (options_.user) command += "--user ";
  return command + "attach " + run_ + " --from " + std::to_string(next_);
}

}  // namespace udsctl
