// Body of pipeline.hpp.
#include "pipeline.hpp"

#include "output.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace udsctl {
namespace {

using std::chrono::milliseconds;
using uds::RequestId;
using uds::Response;

/// A daemon takes 64 unless it is told otherwise (docs/protocol.md, "Limits").
constexpr std::size_t kDefaultWindow = 16;
/// The daemon takes fewer at once than were sent: nothing is wrong with the request.
bool is_over_window(const Response& response) {
  return response.code() == uds::to_string(uds::Code::Busy) &&
         response.error().value("limit", uds::Json()) == uds::Json("requests_in_flight");
}

}  // namespace

Pipeline::Pipeline(const Options& options, Conversation& conversation, int input)
    : options_(options),
      conversation_(conversation),
      input_(input),
      lines_(input),
      window_(options.parallel == 0 ? kDefaultWindow : options.parallel) {}

Exit Pipeline::run() {
  for (;;) {
    send_ready();
    if (over()) break;
    wait();
    take_answers();
    check_deadlines();
  }
  return interrupted_ ? Exit::Interrupted : status_;
}

bool Pipeline::over() const {
  return stopped_ || (!reading_ && !next_ && sent_.empty() && repeats_.empty());
}

bool Pipeline::may_send(const RequestText& request) const {
  // Answers to a request without an id could be those of any other.
  if (!request.id.present()) return sent_.empty();
  return sent_.size() < window_ && !sent_.contains(request.id) && !sent_.contains(RequestId());
}

/// Those that wait to be repeated count, too: else a daemon that is busy would make this hold all
/// of the input.
bool Pipeline::may_send_next() const {
  return sent_.size() + repeats_.size() < window_ && may_send(next_->request);
}

void Pipeline::note(Exit status) {
  if (status_ == Exit::Ok) status_ = status;
}

void Pipeline::stop(Exit status) {
  note(status);
  stopped_ = true;
  conversation_.connection().close();
}

void Pipeline::fail_with(const uds::Error& error) {
  conversation_.renderer().clear();
  stop(conversation_.connection().explain_failure(error));
}

/// Whether there is a line to send.
bool Pipeline::read_line() {
  while (reading_ && !next_) {
    const auto line = lines_.take();
    if (!line) {
      reading_ = !lines_.ended();
      return false;
    }
    ++line_number_;
    if (is_blank(*line)) continue;
    auto request = conversation_.read(*line, "line " + std::to_string(line_number_) + ": ");
    if (request) {
      next_.emplace(Flight{*std::move(request), options_.retries});
    } else {
      note(Exit::NotARequest);
      reading_ = false;  // what follows may build on it
    }
  }
  return next_.has_value();
}

void Pipeline::fill() {
  const auto filled = lines_.fill();
  if (filled) return;
  note(fail(exit_for(filled.error()), filled.error().message()));
  reading_ = false;
}

void Pipeline::send_ready() {
  const auto now = Clock::now();
  for (std::size_t i = 0; i < repeats_.size() && !stopped_;) {
    if (repeats_[i].due > now || !may_send(repeats_[i].request)) {
      ++i;
      continue;
    }
    Flight flight = std::move(repeats_[i]);
    repeats_.erase(repeats_.begin() + static_cast<std::ptrdiff_t>(i));
    send(std::move(flight));
  }
  while (!stopped_ && read_line() && may_send_next()) {
    Flight flight = *std::move(next_);
    next_.reset();
    send(std::move(flight));
  }
}

void Pipeline::send(Flight flight) {
  Connection& connection = conversation_.connection();
  if (!connection.is_open()) {
    const auto opened = connection.open();
    if (!opened && is_absent(opened.error()) && flight.repeats_left > 0) {
      postpone(std::move(flight), milliseconds(0));
      return;
    }
    if (!opened) return fail_with(opened.error());
  }
  const auto patient = patience(options_);
  flight.due = patient ? Clock::now() + *patient : Clock::time_point::max();
  const auto posted = connection.client().post_text(flight.request.line);
  if (!posted) return fail_with(posted.error());
  RequestId id = flight.request.id;
  sent_.emplace(std::move(id), std::move(flight));
}

/// Gives the pause until it is sent again.
milliseconds Pipeline::postpone(Flight flight, milliseconds least) {
  const milliseconds pause = std::max(least, flight.pauses.next());
  --flight.repeats_left;
  flight.due = Clock::now() + pause;
  repeats_.push_back(std::move(flight));
  return pause;
}

int Pipeline::time_left() const {
  auto next = Clock::time_point::max();
  for (const auto& [id, flight] : sent_) next = std::min(next, flight.due);
  // What may not be sent yet waits for an answer, whatever the time.
  for (const Flight& flight : repeats_)
    if (may_send(flight.request)) next = std::min(next, flight.due);
  if (next == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(next - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Pipeline::wait() {
  Connection& connection = conversation_.connection();
  const bool open = connection.is_open();
  const short events = open && connection.client().has_unsent() ? POLLIN | POLLOUT : POLLIN;
  std::array<pollfd, 3> entries{pollfd{connection.interrupt_descriptor(), POLLIN, 0},
                                pollfd{open ? connection.client().native_handle() : -1, events, 0},
                                pollfd{reading_ && !next_ ? input_ : -1, POLLIN, 0}};
  if (::poll(entries.data(), entries.size(), time_left()) < 0 && errno != EINTR)
    return fail_with(uds::Error::from_errno("cannot wait for the daemon", errno));
  if (entries[0].revents != 0) interrupt();
  if (entries[2].revents != 0 && reading_) fill();
}

void Pipeline::check_deadlines() {
  const auto now = Clock::now();
  const bool late = std::any_of(sent_.begin(), sent_.end(),
                                [now](const auto& entry) { return entry.second.due <= now; });
  if (!late || stopped_) return;
  if (interrupted_) return stop(Exit::Interrupted);
  fail_with(uds::Errc::Deadline);
}

/// Cancels what is in flight, whose answers are still waited for.
void Pipeline::interrupt() {
  conversation_.connection().acknowledge_interrupt();
  interrupted_ = true;
  reading_ = false;
  next_.reset();
  repeats_.clear();
  std::size_t number = 0;
  for (auto& [id, flight] : sent_) {
    flight.due = std::min(flight.due, Clock::now() + kPatienceOnceCancelled);
    // Where a request cannot be cancelled by asking, closing the connection does it.
    if (!id.present()) return stop(Exit::Interrupted);
    uds::Json arguments = uds::Json::object();
    arguments["id"] = id.to_json();
    // An id that is not in flight: its answer is nobody's.
    RequestId own;
    do own = RequestId("udsctl.cancel." + std::to_string(++number));
    while (sent_.contains(own));
    const auto posted = conversation_.connection().client().post_text(
        uds::Request("cancel", std::move(arguments)).with_id(std::move(own)).to_text());
    if (!posted) return stop(Exit::Interrupted);
  }
}

void Pipeline::take_answers() {
  Connection& connection = conversation_.connection();
  while (!stopped_ && connection.is_open()) {
    const auto response = connection.client().poll();
    if (!response) {
      // Nothing is lost where nothing was in flight: what is to come opens a new one.
      if (!sent_.empty() || !response.error().is(uds::Errc::ConnectionLost))
        return fail_with(response.error());
      return connection.close();
    }
    if (!*response) return;
    take_answer(**response, connection.client().last_text());
  }
}

void Pipeline::take_answer(const Response& response, std::string_view text) {
  const auto found = sent_.find(response.id());
  if (found == sent_.end()) {
    // An ERROR without an id belongs to a request that the daemon could not name.
    if (response.id().present() || response.status() != uds::Status::Error) return;
    const Exit shown = conversation_.renderer().show(response, text);
    return stop(shown == Exit::Ok ? exit_for(response) : shown);
  }
  if (!response.final()) {
    const Exit shown = conversation_.renderer().show(response, text);
    return shown == Exit::Ok ? void() : stop(shown);
  }
  Flight flight = std::move(found->second);
  sent_.erase(found);
  take_final(std::move(flight), response, text);
}

void Pipeline::take_final(Flight flight, const Response& response, std::string_view text) {
  if (!interrupted_ && !sent_.empty() && is_over_window(response)) {
    window_ = sent_.size();
    repeats_.push_back(std::move(flight));
    repeats_.back().due = Clock::now();
    return;
  }
  if (const auto asked = repeat_after(response);
      asked && !interrupted_ && flight.repeats_left > 0) {
    const milliseconds pause = postpone(std::move(flight), *asked);
    return conversation_.tell_of_repeat(response, pause);
  }
  const Exit shown = conversation_.renderer().show(response, text);
  if (shown != Exit::Ok && shown != Exit::NoField) return stop(shown);
  note(shown == Exit::Ok ? exit_for(response) : shown);
}

}  // namespace udsctl
