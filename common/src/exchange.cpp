// Bodies of exchange.hpp.
#include "exchange.hpp"

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "session.hpp"

namespace uds::detail {

[[gnu::hot]] Exchange::Exchange(Session& session, Request& request, bool admin,
                                Descriptors&& passed, DeadlineQueue::Clock::time_point since)
    : descriptors(passed.size()),
      call(*this, request, session.peer(), admin, std::move(passed)),
      responses(request.id),
      started(since),
      session_(session) {}

void Exchange::cancel(End reason) {
  if (end == End::None) end = reason;
  signal.emit(boost::asio::cancellation_type::terminal);
}

Response Exchange::cancelled_response() const {
  switch (end) {
    case End::Deadline:
      return Response::error(Code::DeadlineExceeded,
                             "the request took longer than its timeout_ms; allow more time");
    case End::ShuttingDown:
      return Response::error(
                 Code::ShuttingDown,
                 "the server stopped before the request was done; its outcome is unknown")
          .with_retryable(false);
    default:
      return Response::error(Code::Cancelled, "the request was cancelled");
  }
}

Task<void> Exchange::emit(const Response& partial) {
  return session_.emit(*this, partial);
}

Result<Fd> Exchange::duplicate_connection() {
  return session_.duplicate_connection();
}

bool Exchange::cancel_request(const RequestId& id) {
  return session_.cancel_request(id);
}

}  // namespace uds::detail
