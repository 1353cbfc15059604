// The one place of the library that starts a coroutine, with a cancellation slot for those who can
// cancel theirs.
//
// Owns nothing. The frame of the task belongs to Asio until `done` has been called or the
// io_context is destroyed.
#pragma once

#include "uds/task.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <functional>

namespace uds::detail {

/// As uds::spawn(), cancellable through `slot`, whose signal must outlive the call of `done` (which
/// may destroy it). Call it on the thread that runs `executor`: the task then runs at once, up to
/// where it first suspends. A signal that fired before the task began would terminate the process
/// (Asio 1.81). A task that ends by an exception is completed through the executor's queue; one
/// that ends without having been suspended too. All others call `done` from within their last step.
void spawn(const boost::asio::any_io_executor& executor, Task<void> task,
           boost::asio::cancellation_slot slot, std::function<void(std::exception_ptr)> done);

/// As spawn(), for tasks whose end must never be missed. Where memory runs out as the task starts
/// or awaits, Asio drops it: `done` is then called with std::bad_alloc, and nothing is thrown. It
/// is also called when the io_context is destroyed first: the caller must know, and do nothing
/// then.
void spawn_supervised(const boost::asio::any_io_executor& executor, Task<void> task,
                      boost::asio::cancellation_slot slot,
                      std::function<void(std::exception_ptr)> done);

}  // namespace uds::detail
