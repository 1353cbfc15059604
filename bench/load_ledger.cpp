// Body of load_ledger.hpp.
#include "load_ledger.hpp"

#include <algorithm>
#include <utility>

namespace uds_load {
namespace {

constexpr std::size_t kShownBytes = 200;

/// The beginning of foreign text, in printable ASCII.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, kShownBytes));
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

void Ledger::sent(Time when) {
  ++tally_.requests;
  in_flight_.emplace_hint(in_flight_.end(), ++last_id_, Entry{when});
}

void Ledger::received(std::string_view text, Time when) {
  const auto reply = scan_reply(text);
  if (!reply) return violation("not a response: " + shown(text));
  if (!reply->id) return unattributed(*reply);

  const std::uint64_t id = *reply->id;
  const auto found = in_flight_.find(id);
  if (found == in_flight_.end()) {
    const bool known = id >= 1 && id <= last_id_;
    return violation(id, known ? "a response after the final one" : "no such request was sent");
  }
  Entry& entry = found->second;
  newest_answered_ = std::max(newest_answered_, id);
  if (reply->seq != entry.seq + 1)
    violation(id, "seq " + std::to_string(reply->seq) + " after " + std::to_string(entry.seq));
  entry.seq = reply->seq;
  if (reply->status == Status::Processing) {
    ++tally_.processing;
    return;
  }
  finish(*reply, entry, when);
  in_flight_.erase(found);
}

void Ledger::finish(const Reply& reply, const Entry& entry, Time when) {
  tally_.add_latency(when - entry.sent);
  if (reply.status == Status::Ok)
    ++tally_.ok;
  else
    count(tally_.errors, reply.code);
}

void Ledger::unattributed(const Reply& reply) {
  if (reply.status != Status::Error)
    return violation("a response without id, to no request, that is no ERROR");
  count(tally_.unattributed, reply.code);
  explanation_ = reply.code;
}

void Ledger::closed(std::string_view how, std::size_t rest, bool expected) {
  const std::string reason = explanation_.empty() ? std::string(how) : explanation_;
  count(tally_.closed, reason);
  if (rest > 0) {
    ++tally_.cut;
    violation("closed (" + reason + ") within a response, after " + std::to_string(rest) +
              " bytes of it");
  }
  if (!expected)
    violation("closed (" + reason + ") with " + std::to_string(in_flight_.size()) +
              " requests unanswered");
  for (const auto& [id, entry] : in_flight_) {
    Lost& lost = tally_.lost[reason];
    if (entry.seq > 0) {
      ++lost.started;
      violation(id, "closed (" + reason + ") after PROCESSING and before a final response");
    } else if (id < newest_answered_) {
      // The server reads in order: it has read this one too.
      ++lost.read;
      violation(id, "closed (" + reason + ") without an answer, though a later request has one");
    } else {
      ++lost.unread;
    }
  }
  in_flight_.clear();
}

void Ledger::abandoned() {
  tally_.open += in_flight_.size();
  for (const auto& [id, entry] : in_flight_)
    violation(id, "no final response, and the connection is open");
  in_flight_.clear();
}

void Ledger::violation(const std::string& what) {
  tally_.violation("connection " + std::to_string(number_) + ": " + what);
}

void Ledger::violation(std::uint64_t id, const std::string& what) {
  violation("request " + std::to_string(id) + ": " + what);
}

}  // namespace uds_load
