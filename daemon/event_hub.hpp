// Who watches what happens in udsd: hands events to watchers, each with a bounded queue of its own.
//
// Owns no watcher: a queue belongs to the coroutine that reads it, and is gone with it. Costs
// nothing while nobody watches, and never waits for a slow watcher.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "uds/event.hpp"
#include "uds/json.hpp"
#include "uds/message.hpp"
#include "uds/task.hpp"

namespace udsd {

/// The events of one watcher that it has not read yet.
class EventQueue {
 public:
  /// Events beyond these are counted, not kept.
  static constexpr std::size_t kMost = 1024;

  explicit EventQueue(const boost::asio::any_io_executor& executor);

  /// Completes with the next event as a PROCESSING; with nothing when the hub was closed and all
  /// was read. After a gap comes an event `lagged` with the number of those missed. Cancellation:
  /// total; throws operation_aborted. One next() at a time.
  uds::Task<std::optional<uds::Response>> next();

 private:
  friend class EventHub;
  void push(const uds::Response& event);
  void close();

  std::deque<uds::Response> events_;
  std::uint64_t missed_ = 0;
  bool closed_ = false;
  boost::asio::steady_timer wake_;
};

class EventHub {
 public:
  explicit EventHub(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// A queue that gets every event from now on, for as long as somebody holds it.
  std::shared_ptr<EventQueue> subscribe();
  void publish(const uds::Event& event);
  /// `kind` is the event's name, `text` a sentence for people, `details` an object.
  void publish(std::string_view kind, std::string text, uds::Json details);
  /// Whether anybody holds a queue.
  [[nodiscard]] bool watched();
  /// Ends every queue once it has been read.
  void close();

 private:
  boost::asio::any_io_executor executor_;
  std::vector<std::weak_ptr<EventQueue>> queues_;
  bool closed_ = false;
};

}  // namespace udsd
