// The rules of one connection: which requests may start, and how responses are numbered.
//
// Pure bookkeeping: no socket, no handler, no clock. SessionRules knows the ids in flight;
// ResponseSequence sees to it that one request gets gap-free numbers and exactly one final
// response.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "uds/message.hpp"

namespace uds::detail {

/// Numbers the responses of one request.
class ResponseSequence {
 public:
  /// `id` must outlive the sequence.
  explicit ResponseSequence(const RequestId& id) : id_(id) {}
  ResponseSequence(RequestId&&) = delete;

  /// The number of `response`, which is the next one. 0, and nothing done, after a final response.
  std::uint64_t number(const Response& response) {
    if (closed_) return 0;
    closed_ = response.final();
    return ++last_;
  }
  /// Undoes the last number(): its response could not be queued.
  void take_back() {
    --last_;
    closed_ = false;
  }
  [[nodiscard]] const RequestId& id() const noexcept { return id_; }

 private:
  const RequestId& id_;
  std::uint64_t last_ = 0;
  bool closed_ = false;
};

/// Decides whether a request may start.
class SessionRules {
 public:
  enum class Verdict { Accept, DuplicateId, ShuttingDown, Busy };

  explicit SessionRules(std::size_t max_in_flight) : max_in_flight_(max_in_flight) {}

  /// ShuttingDown and Busy do not hold for commands that are exempt from the limit: the caller
  /// knows those.
  [[nodiscard]] Verdict judge(const RequestId& id) const {
    if (in_use(id)) return Verdict::DuplicateId;
    if (draining_) return Verdict::ShuttingDown;
    return in_flight_ >= max_in_flight_ ? Verdict::Busy : Verdict::Accept;
  }
  [[nodiscard]] bool in_use(const RequestId& id) const {
    return !ids_.empty() && id.present() && ids_.contains(id);
  }

  void begin(const RequestId& id) {
    if (id.present()) ids_.insert(id);
    ++in_flight_;
  }
  void end(const RequestId& id) {
    --in_flight_;
    ids_.erase(id);
  }
  void drain() noexcept { draining_ = true; }

  [[nodiscard]] bool draining() const noexcept { return draining_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

 private:
  std::size_t max_in_flight_;
  std::size_t in_flight_ = 0;
  std::set<RequestId> ids_;
  bool draining_ = false;
};

}  // namespace uds::detail
