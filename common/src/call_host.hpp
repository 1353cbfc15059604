// What a Call needs from the session that owns it; keeps call and router free of sockets.
#pragma once

#include "uds/message.hpp"
#include "uds/task.hpp"

namespace uds::detail {

class CallHost {
 public:
  /// Queues a PROCESSING now; see Call::processing() for completion and cancellation.
  virtual Task<void> emit(const Response& partial) = 0;
  /// Cancels another request of the same connection; see Call::cancel().
  virtual bool cancel_request(const RequestId& id) = 0;

 protected:
  ~CallHost() = default;
};

}  // namespace uds::detail
