// One request from its start to its one final response.
//
// That of a coroutine is owned by its session and by the coroutine, that of a plain function lives
// as long as the function runs. Knows why it is to end; what is sent goes through the session.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <optional>

#include "call_host.hpp"
#include "deadline_queue.hpp"
#include "session_rules.hpp"
#include "uds/call.hpp"

namespace uds::detail {

class Session;

class Exchange final : public CallHost {
 public:
  using End = Ending;

  /// `session` and `request` must outlive the exchange. `since`: when the request had its turn.
  Exchange(Session& session, Request& request, bool admin, Descriptors&& descriptors,
           DeadlineQueue::Clock::time_point since);

  /// Asks the handler to unwind at its next suspension; the first reason counts.
  void cancel(End reason);
  /// What to answer for a handler that unwound since it was asked to.
  [[nodiscard]] Response cancelled_response() const;

  Task<void> emit(const Response& partial) override;
  bool cancel_request(const RequestId& id) override;
  [[nodiscard]] Result<Fd> duplicate_connection() override;
  [[nodiscard]] Ending ending() const noexcept override { return end; }

  const std::size_t descriptors;  ///< how many came with the request
  Call call;
  ResponseSequence responses;
  End end = End::None;
  bool finished = false;
  std::optional<DeadlineQueue::Token> deadline;
  const DeadlineQueue::Clock::time_point started;
  boost::asio::cancellation_signal signal;

 private:
  Session& session_;
};

}  // namespace uds::detail
