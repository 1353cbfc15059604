// The hub of events: order, the gap of a slow watcher, and the end. Its watchers are coroutines, as
// in udsd.
#include "event_hub.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "uds/asio.hpp"

namespace {

using udsd::EventHub;
using udsd::EventQueue;

void publish(EventHub& hub, int number) {
  uds::Json details = uds::Json::object();
  details["number"] = number;
  hub.publish("test", "a test", std::move(details));
}

/// Reads until the queue ends, and notes what each event is.
uds::Task<void> watch(std::shared_ptr<EventQueue> queue, std::vector<std::string>& seen) {
  for (;;) {
    const auto event = co_await queue->next();
    if (!event) break;
    const uds::Json& data = event->data();
    if (data["event"] == "lagged")
      seen.push_back("missed " + data["missed"].dump());
    else
      seen.push_back(data["number"].dump());
  }
}

void run(boost::asio::io_context& io) {
  io.restart();
  io.run();
}

TEST(EventHub, EachWatcherGetsEachEventInOrder) {
  boost::asio::io_context io;
  EventHub hub(io.get_executor());
  publish(hub, 0);  // nobody watches
  std::vector<std::string> first;
  std::vector<std::string> second;
  const auto rethrow = [](std::exception_ptr error) { EXPECT_FALSE(error); };
  uds::spawn(io.get_executor(), watch(hub.subscribe(), first), rethrow);
  publish(hub, 1);
  io.poll();
  uds::spawn(io.get_executor(), watch(hub.subscribe(), second), rethrow);
  publish(hub, 2);
  publish(hub, 3);
  hub.close();
  run(io);
  EXPECT_EQ(first, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(second, (std::vector<std::string>{"2", "3"}));
}

TEST(EventHub, ASlowWatcherIsToldHowManyItMissed) {
  boost::asio::io_context io;
  EventHub hub(io.get_executor());
  const auto queue = hub.subscribe();
  const int kept = static_cast<int>(EventQueue::kMost);
  for (int number = 0; number < kept + 7; ++number) publish(hub, number);
  hub.close();
  std::vector<std::string> seen;
  uds::spawn(io.get_executor(), watch(queue, seen), [](std::exception_ptr) {});
  run(io);
  ASSERT_EQ(seen.size(), EventQueue::kMost + 1);
  EXPECT_EQ(seen.front(), "0");
  EXPECT_EQ(seen[EventQueue::kMost - 1], std::to_string(kept - 1));
  EXPECT_EQ(seen.back(), "missed 7");
}

TEST(EventHub, AQueueThatNobodyHoldsIsForgotten) {
  boost::asio::io_context io;
  EventHub hub(io.get_executor());
  std::weak_ptr<EventQueue> gone = hub.subscribe();
  EXPECT_TRUE(gone.expired());
  publish(hub, 1);
}

}  // namespace
