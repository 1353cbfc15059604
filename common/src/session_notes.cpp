// What a session tells of its requests and its end: counters, events, and lines of the log. Sends
// nothing and starts nothing.
#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <utility>

#include "session.hpp"

namespace uds::detail {

namespace {

std::string shown(const RequestId& id) {
  const Json value = id.to_json();
  return value.is_string() ? value.get<std::string>() : to_json_text(value);
}

/// What a caller should not have asked: worth a line in the log, if not one for each.
bool is_refusal(std::string_view code) {
  constexpr std::array kRefusals{Code::BadFrame,    Code::BadRequest,       Code::UnknownCommand,
                                 Code::InvalidArgs, Code::PermissionDenied, Code::Busy};
  return std::ranges::any_of(kRefusals, [&](Code refusal) { return code == to_string(refusal); });
}

}  // namespace

[[gnu::hot]] void Session::note_request(std::string_view counted_as, std::string_view command,
                                        const RequestId& id, const Response& response,
                                        std::chrono::steady_clock::time_point started) {
  begin_run();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now_ - started);
  const bool failed = response.status() == Status::Error;
  const std::string_view code = failed ? response.code() : "ok";
  core_->statistics.add_request(counted_as, code, took);
  core_->notify({.kind = Event::Kind::RequestFinished,
                 .peer = peer_,
                 .connection = number_,
                 .reason = code,
                 .command = command,
                 .id = &id,
                 .took = took});
  if (failed || core_->log.enabled(LogLevel::Debug)) log_request(command, id, code, took);
}

[[gnu::hot]] void Session::begin_run() {
  no_runs_ = core_->watches_each() || core_->log.enabled(LogLevel::Debug);
  const auto began = std::exchange(now_, DeadlineQueue::Clock::now());
  const std::size_t count = std::exchange(quick_, 0);
  if (count == 0) return;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now_ - began);
  try {
    core_->statistics.add_request(quick_command_, "ok", took, count);
  } catch (const std::bad_alloc&) {
    core_->log_broken("requests were answered but not counted: no memory");
  }
}

[[gnu::hot]] void Session::end_run() {
  if (quick_ > 0) begin_run();
}

void Session::log_request(std::string_view command, const RequestId& id, std::string_view code,
                          std::chrono::microseconds took) {
  if (is_refusal(code) && core_->log.enabled(LogLevel::Info)) {
    LogRecord record(LogLevel::Info, "request refused");
    record.field("code", std::string(code))
        .field("cmd", std::string(command))
        .field("id", shown(id));
    core_->log_limited(peer_.uid, code, with_peer(std::move(record)));
  }
  if (core_->log.enabled(LogLevel::Debug)) {
    LogRecord record(LogLevel::Debug, "request");
    record.field("cmd", std::string(command))
        .field("id", shown(id))
        .field("code", std::string(code))
        .field("us", std::to_string(took.count()));
    core_->log.write(with_peer(std::move(record)));
  }
}

void Session::note_end(std::string_view reason, std::string_view log_text) {
  end_reason_ = reason;
  core_->statistics.add_dropped(reason);
  core_->log_limited(peer_.uid, log_text,
                     with_peer(LogRecord(LogLevel::Info, std::string(log_text))));
}

LogRecord Session::with_peer(LogRecord record) const {
  record.field("uid", std::to_string(peer_.uid)).field("pid", std::to_string(peer_.pid));
  return record;
}

Response Session::internal_error(const Exchange& exchange, std::string_view what) const {
  const std::string incident = core_->next_incident();
  core_->log.write(LogRecord(LogLevel::Error, "a handler ended by an exception")
                       .field("cmd", exchange.call.request().cmd)
                       .field("incident", incident)
                       .field("what", std::string(what)));
  Json details = Json::object();
  details["incident"] = incident;
  return Response::error(Code::Internal,
                         "the server failed; its log says more under incident " + incident,
                         std::move(details));
}

}  // namespace uds::detail
