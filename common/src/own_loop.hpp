// The event loop of a Server that was given none: run by one thread, or driven from a loop of the
// program's own.
//
// Owns an io_context and keeps it from running out of work. Runs nothing by itself. One thread at a
// time runs it; posting to its executor is safe from any.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace uds::detail {

class OwnLoop {
 public:
  OwnLoop();
  OwnLoop(const OwnLoop&) = delete;
  OwnLoop& operator=(const OwnLoop&) = delete;
  ~OwnLoop() = default;

  [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }
  /// Readable while poll() has something to do, whoever gave it that and wherever; the loop's own.
  [[nodiscard]] int native_handle();
  /// Runs what is ready, up to a share that leaves the caller its turn. Never waits.
  void poll();
  /// Waits for one piece of work, and runs it.
  void run_one() { context_.run_one(); }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
};

}  // namespace uds::detail
