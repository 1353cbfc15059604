// What a Call needs from the session that owns it; keeps call and router free of sockets.
#pragma once

#include "uds/call.hpp"
#include "uds/fd.hpp"
#include "uds/message.hpp"
#include "uds/result.hpp"
#include "uds/task.hpp"

namespace uds::detail {

class CallHost {
 public:
  /// Queues a PROCESSING now; see Call::processing() for completion and cancellation.
  virtual Task<void> emit(const Response& partial) = 0;
  /// Cancels another request of the same connection; see Call::cancel().
  virtual bool cancel_request(const RequestId& id) = 0;
  /// See Call::duplicate_connection().
  [[nodiscard]] virtual Result<Fd> duplicate_connection() = 0;
  /// See Call::ending().
  [[nodiscard]] virtual Ending ending() const noexcept = 0;

 protected:
  ~CallHost() = default;
};

}  // namespace uds::detail
