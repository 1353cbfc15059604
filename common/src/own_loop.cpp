// Bodies of own_loop.hpp, and the one place that knows the inside of Asio.
//
// Asio offers no descriptor to wait for. On Linux it has one: the epoll instance of its reactor,
// which also holds the timerfd of all timers. What it does not tell is work that was queued while
// no thread runs the context: Asio interrupts only a reactor that a thread waits in. So poll()
// leaves the scheduler as such a thread would, with task_interrupted_ unset: whatever is queued
// next, from any thread or from outside of poll(), makes the epoll instance readable.
//
// These members are private. An explicit instantiation may name them ([temp.spec.general]/6); where
// they are missing or of another type, this does not compile. They and their meaning were seen in
// Boost 1.81 and in Asio's development branch of 2026.
#include "own_loop.hpp"

#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/op_queue.hpp>
#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/scheduler.hpp>
#include <boost/asio/detail/scheduler_operation.hpp>
#include <cstddef>
#include <type_traits>

#if !defined(BOOST_ASIO_HAS_EPOLL) || !defined(BOOST_ASIO_HAS_TIMERFD) || \
    defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
#error \
    "uds needs an Asio that waits with epoll and timerfd: compile it without the macro that changes this"
#endif

namespace uds::detail {

namespace asio = boost::asio;

namespace {

using Reactor = asio::detail::epoll_reactor;
using Scheduler = asio::detail::scheduler;

/// What poll() runs at most: a session takes up to Limits::frames_per_turn requests in one of them.
constexpr std::size_t kShare = 32;

int epoll_descriptor(const Reactor& reactor);
void wake_when_queued(Scheduler& scheduler, Reactor& reactor);

/// Gives these two functions the members they need.
template <auto Epoll, auto Mutex, auto Interrupted, auto Queue>
struct Inside {
  static_assert(std::is_same_v<decltype(Epoll), int Reactor::*>);
  static_assert(std::is_same_v<decltype(Interrupted), bool Scheduler::*>);

  static void wake(Scheduler& scheduler, Reactor& reactor) {
    auto& mutex = scheduler.*Mutex;
    const typename std::remove_reference_t<decltype(mutex)>::scoped_lock lock(mutex);
    // While no thread runs it, the queue holds one entry for the reactor, and the work.
    const bool left = asio::detail::op_queue_access::next((scheduler.*Queue).front()) != nullptr;
    scheduler.*Interrupted = left;
    if (left) reactor.interrupt();
  }

  friend int epoll_descriptor(const Reactor& reactor) { return reactor.*Epoll; }
  friend void wake_when_queued(Scheduler& scheduler, Reactor& reactor) { wake(scheduler, reactor); }
};
template struct Inside<&Reactor::epoll_fd_, &Scheduler::mutex_, &Scheduler::task_interrupted_,
                       &Scheduler::op_queue_>;

}  // namespace

OwnLoop::OwnLoop() : work_(context_.get_executor()) {
  asio::use_service<Reactor>(context_).init_task();
}

int OwnLoop::native_handle() {
  return epoll_descriptor(asio::use_service<Reactor>(context_));
}

void OwnLoop::poll() {
  struct WakeAtExit {
    asio::io_context& context;
    ~WakeAtExit() {
      wake_when_queued(asio::use_service<Scheduler>(context), asio::use_service<Reactor>(context));
    }
  };
  const WakeAtExit wake{context_};  // what was posted may throw
  for (std::size_t done = 0; done < kShare && context_.poll_one() > 0; ++done) {
  }
}

}  // namespace uds::detail
