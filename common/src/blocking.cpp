// Work that blocks, on the threads of one pool for the whole process.
//
// A job is shared by the coroutine that waits for it and the thread that runs it. The coroutine may
// go first: cancelled, or destroyed with its io_context. From then on the thread touches nothing
// but the job. A thread that is done wakes the coroutine through its executor, which is safe from
// any thread.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <utility>

#include "uds/asio.hpp"

namespace uds::detail {

namespace asio = boost::asio;

namespace {

class Job {
 public:
  /// `waiter` ends with abandon(), on the loop.
  Job(const asio::any_io_executor& executor, std::function<void(std::stop_token)> work,
      asio::steady_timer& waiter)
      : executor_(executor), work_(std::move(work)), waiter_(waiter) {}

  /// On a thread of the pool.
  void run(const std::shared_ptr<Job>& self) {
    if (!stop_.stop_requested()) {
      try {
        work_(stop_.get_token());
      } catch (...) {
        failure_ = std::current_exception();
      }
    }
    // The executor may be used as long as somebody waits.
    const std::lock_guard lock(mutex_);
    if (stop_.stop_requested()) return;
    asio::post(executor_, [self] {
      if (self->stop_.stop_requested()) return;
      self->done_ = true;
      self->waiter_.cancel();
    });
  }

  // On the loop.
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// What the work threw, or null. The loop's alone from here on: a thread of the pool must not be
  /// the last that holds what the loop has read.
  [[nodiscard]] std::exception_ptr take_failure() noexcept {
    return std::exchange(failure_, nullptr);
  }
  /// Nobody waits any more.
  void abandon() {
    const std::lock_guard lock(mutex_);
    stop_.request_stop();
  }

 private:
  asio::any_io_executor executor_;
  std::function<void(std::stop_token)> work_;
  std::exception_ptr failure_;
  asio::steady_timer& waiter_;
  std::stop_source stop_;
  std::mutex mutex_;  // held while the job is abandoned, and while the loop is told that it is done
  bool done_ = false;
};

class AbandonAtExit {
 public:
  explicit AbandonAtExit(std::shared_ptr<Job> job) : job_(std::move(job)) {}
  AbandonAtExit(const AbandonAtExit&) = delete;
  AbandonAtExit& operator=(const AbandonAtExit&) = delete;
  ~AbandonAtExit() { job_->abandon(); }

 private:
  std::shared_ptr<Job> job_;
};

asio::thread_pool& pool() {
  static asio::thread_pool threads(kBlockingThreads);
  return threads;
}

}  // namespace

Task<void> run_blocking(std::function<void(std::stop_token)> work) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::steady_timer waiter(executor, asio::steady_timer::time_point::max());
  const auto job = std::make_shared<Job>(executor, std::move(work), waiter);
  const AbandonAtExit abandon(job);
  asio::post(pool(), [job] { job->run(job); });
  // Once cancelled, the next wait throws.
  while (!job->done()) co_await waiter.async_wait(asio::as_tuple(asio::use_awaitable));
  std::exception_ptr failure = job->take_failure();
  if (failure) std::rethrow_exception(std::move(failure));
}

}  // namespace uds::detail
