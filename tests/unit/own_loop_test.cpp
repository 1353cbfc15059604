// A server without an executor: driven by poll(2) alone, in the test's own loop, or run by a
// thread.
//
// Where a loop drives it, nothing but its descriptor says when poll() is called: what the
// descriptor does not tell, hangs, and fails after 20 s.
#include <boost/asio/io_context.hpp>
#include <deque>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using uds::Call;
using uds::Command;
using uds::Json;
using uds::Response;
using uds::Task;
using uds_test::RawClient;

constexpr int kDeadlineMs = 20'000;
/// More than any of the tests needs; a busy loop passes it within a second.
constexpr int kManyWakes = 200;

bool readable(int descriptor, int timeout_ms = 0) {
  pollfd item{descriptor, POLLIN, 0};
  return ::poll(&item, 1, timeout_ms) == 1;
}

class PolledServer {
 public:
  explicit PolledServer(const uds::Limits& limits = {}) : server(limits) {
    auto socket = uds::SocketBuilder(path()).listen();
    if (!socket) throw std::runtime_error(socket.error().message());
    server.serve(*std::move(socket));
  }

  [[nodiscard]] std::string path() const { return directory_.path() + "/s.sock"; }
  [[nodiscard]] RawClient connect() const { return RawClient(path()); }

  /// Waits for the server's descriptor and calls poll() until `done`; false where that takes 20 s.
  bool drive_until(const std::function<bool()>& done) {
    while (!done()) {
      if (!readable(server.native_handle(), kDeadlineMs)) return false;
      server.poll();
      ++wakes;
    }
    return true;
  }
  /// The next reply to `client`, who does not wait in vain.
  Json reply(RawClient& client) {
    const bool came = drive_until([&] { return readable(client.descriptor()); });
    EXPECT_TRUE(came) << "the descriptor of the server tells nothing any more";
    return came ? client.reply() : Json();
  }
  Json ask(RawClient& client, const std::string& request) {
    client.line(request);
    return reply(client);
  }
  /// Whether the server comes to rest: its descriptor is not readable.
  bool settles() {
    for (int i = 0; i < kManyWakes; ++i) {
      if (!readable(server.native_handle())) return true;
      server.poll();
    }
    return false;
  }
  [[nodiscard]] std::uint64_t answered() const { return server.statistics().durations().count(); }

 private:
  uds_test::TempDir directory_;

 public:
  uds::Server server;
  int wakes = 0;
};

TEST(PolledServer, AnswersAndComesToRest) {
  PolledServer polled;
  EXPECT_TRUE(polled.settles());
  for (int round = 0; round < 3; ++round) {
    RawClient client = polled.connect();
    EXPECT_EQ(polled.ask(client, R"({"cmd":"ping"})")["message"], "pong");
    EXPECT_TRUE(polled.settles());
    EXPECT_EQ(polled.ask(client, R"({"cmd":"ping"})")["message"], "pong");
    client.close();
    EXPECT_TRUE(polled.drive_until([&] { return polled.server.connections() == 0; }));
    EXPECT_TRUE(polled.settles());
  }
}

TEST(PolledServer, TimersWakeTheLoopAndNothingElseDoes) {
  PolledServer polled;
  const auto nap = [](Call&) -> Task<Response> {
    co_await uds::sleep_for(100ms);
    co_return Response::ok("slept", nullptr);
  };
  polled.server.commands().add(Command("t.nap"), nap);
  RawClient client = polled.connect();
  EXPECT_EQ(polled.ask(client, R"({"cmd":"t.nap"})")["message"], "slept");
  EXPECT_LT(polled.wakes, kManyWakes);
}

TEST(PolledServer, WorkThatIsDoneOnAnotherThreadWakesTheLoop) {
  std::counting_semaphore<> gate(0);
  PolledServer polled;
  const auto wait = [&gate](Call&) -> Task<Response> {
    auto work = [&gate](std::stop_token) {
      gate.acquire();
      return 42;
    };
    const int value = co_await uds::blocking(std::move(work));
    co_return Response::ok(Json(value));
  };
  polled.server.commands().add(Command("t.wait"), wait);
  RawClient client = polled.connect();
  for (int round = 0; round < 100; ++round) {
    client.line(R"({"cmd":"t.wait"})");
    ASSERT_TRUE(polled.drive_until([&] { return polled.server.requests_in_flight() == 1; }));
    // Half of them are done while the loop is at rest, half while it may be polling.
    if (round % 2 == 0) {
      EXPECT_TRUE(polled.settles());
    }
    gate.release();
    ASSERT_EQ(polled.reply(client)["data"], 42);
  }
  EXPECT_TRUE(polled.settles());
}

TEST(PolledServer, WhatIsDoneOutsideOfPollWakesTheLoop) {
  PolledServer polled;
  const auto sleep = [](Call&) -> Task<Response> {
    co_await uds::sleep_for(1h);
    co_return Response::ok();
  };
  polled.server.commands().add(Command("t.sleep"), sleep);
  RawClient client = polled.connect();
  client.line(R"({"cmd":"t.sleep","id":1})");
  ASSERT_TRUE(polled.drive_until([&] { return polled.server.requests_in_flight() == 1; }));
  ASSERT_TRUE(polled.settles());
  bool drained = false;
  polled.server.drain([&] { drained = true; });
  ASSERT_TRUE(polled.settles());
  polled.server.stop();
  EXPECT_TRUE(polled.drive_until([&] { return drained; }));
  EXPECT_EQ(client.reply()["error"]["code"], "shutting_down");
  EXPECT_TRUE(polled.settles());
}

TEST(PolledServer, PostWakesTheLoopAndThrowsOutOfPoll) {
  PolledServer polled;
  ASSERT_TRUE(polled.settles());
  std::vector<int> called;
  std::thread([&] {
    polled.server.post([] { throw std::runtime_error("the program's own"); });
    polled.server.post([&] { called.push_back(1); });
    polled.server.post([&] { called.push_back(2); });
  }).join();
  ASSERT_TRUE(readable(polled.server.native_handle()));
  EXPECT_THROW(polled.server.poll(), std::runtime_error);
  EXPECT_TRUE(polled.drive_until([&] { return called.size() == 2; }));
  EXPECT_EQ(called, (std::vector<int>{1, 2}));
  EXPECT_TRUE(polled.settles());
}

TEST(PolledServer, PostedFunctionsOfManyThreadsAreAllCalled) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  PolledServer polled;
  int called = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) polled.server.post([&] { ++called; });
    });
  EXPECT_TRUE(polled.drive_until([&] { return called == kThreads * kEach; }));
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(polled.settles());
}

TEST(PolledServer, OnePollDoesAPartAndTheDescriptorStaysReadable) {
  constexpr std::size_t kClients = 200;
  PolledServer polled;
  std::deque<RawClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back(polled.path());
    ASSERT_TRUE(polled.drive_until([&] { return polled.server.connections() == i + 1; }));
  }
  ASSERT_TRUE(polled.settles());
  for (auto& client : clients) client.line(R"({"cmd":"ping"})");
  int polls = 0;
  while (polled.answered() < kClients) {
    ASSERT_TRUE(readable(polled.server.native_handle())) << polled.answered();
    polled.server.poll();
    ++polls;
  }
  EXPECT_GT(polls, 3);
  EXPECT_TRUE(polled.settles());
}

TEST(PolledServer, AClientThatSendsWithoutEndDoesNotKeepPoll) {
  PolledServer polled;
  RawClient client = polled.connect();
  std::atomic<bool> enough = false;
  std::thread sender([&] {
    std::string pings;
    for (int i = 0; i < 1'000; ++i) pings += "{\"cmd\":\"ping\"}\n";
    while (!enough) client.send(pings);
    client.half_close();
  });
  std::thread reader([&] {
    char room[65'536];
    while (::recv(client.descriptor(), room, sizeof room, 0) > 0) {
    }
  });
  std::uint64_t most = 0;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t before = polled.answered();
    ASSERT_TRUE(readable(polled.server.native_handle(), kDeadlineMs));
    polled.server.poll();
    most = std::max(most, polled.answered() - before);
  }
  enough = true;
  EXPECT_TRUE(polled.drive_until([&] { return polled.server.connections() == 0; }));
  sender.join();
  reader.join();
  EXPECT_GT(most, 0U);
  EXPECT_LE(most, 32 * uds::Limits().frames_per_turn);
}

TEST(PolledServer, SeveralShareOneLoop) {
  PolledServer first;
  PolledServer second;
  RawClient of_first = first.connect();
  RawClient of_second = second.connect();
  of_second.line(R"({"cmd":"ping","id":2})");
  EXPECT_EQ(first.ask(of_first, R"({"cmd":"ping","id":1})")["id"], 1);
  EXPECT_TRUE(first.settles());
  EXPECT_FALSE(readable(of_second.descriptor()));
  EXPECT_EQ(second.reply(of_second)["id"], 2);
  EXPECT_TRUE(first.settles());
  EXPECT_TRUE(second.settles());
}

TEST(PolledServer, DestroysWhatIsSuspendedWithItself) {
  static std::atomic<int> alive{0};
  struct Alive {
    Alive() { ++alive; }
    ~Alive() { --alive; }
  };
  const auto sleep = [](Call&) -> Task<Response> {
    const Alive here;
    co_await uds::sleep_for(1h);
    co_return Response::ok();
  };
  {
    PolledServer polled;
    polled.server.commands().add(Command("t.sleep"), sleep);
    RawClient client = polled.connect();
    client.line(R"({"cmd":"t.sleep","id":1})");
    ASSERT_TRUE(polled.drive_until([&] { return polled.server.requests_in_flight() == 1; }));
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

/// A server that a thread of its own runs.
class ThreadedServer : public PolledServer {
 public:
  ~ThreadedServer() {
    server.post([this] { server.stop(); });
    if (thread.joinable()) thread.join();
  }
  std::thread thread{[this] { server.run(); }};
};

TEST(RunServer, ServesUntilAnotherThreadStopsIt) {
  ThreadedServer threaded;
  RawClient client = threaded.connect();
  client.line(R"({"cmd":"ping"})");
  EXPECT_EQ(client.reply()["message"], "pong");
  threaded.server.post([&] { threaded.server.stop(); });
  threaded.thread.join();
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(threaded.server.connections(), 0U);
  threaded.server.run();  // nothing to serve any more
}

TEST(RunServer, ReturnsWhenTheLastRequestOfADrainIsAnswered) {
  ThreadedServer threaded;
  std::binary_semaphore begun(0);
  std::binary_semaphore gate(0);
  const auto wait = [&](Call&) -> Task<Response> {
    auto work = [&](std::stop_token) {
      begun.release();
      gate.acquire();
    };
    co_await uds::blocking(std::move(work));
    co_return Response::ok("done", nullptr);
  };
  threaded.server.post([&] { threaded.server.commands().add(Command("t.wait"), wait); });
  RawClient client = threaded.connect();
  client.line(R"({"cmd":"t.wait"})");
  begun.acquire();
  std::atomic<bool> drained = false;
  threaded.server.post([&] { threaded.server.drain([&] { drained = true; }); });
  gate.release();
  EXPECT_EQ(client.reply()["message"], "done");
  threaded.thread.join();
  EXPECT_TRUE(drained);
}

TEST(RunServer, SeveralRunBesideEachOther) {
  ThreadedServer first;
  ThreadedServer second;
  for (ThreadedServer* each : {&first, &second}) {
    RawClient client = each->connect();
    client.line(R"({"cmd":"ping"})");
    EXPECT_EQ(client.reply()["message"], "pong");
  }
}

TEST(ServerWithAnExecutor, HasNoLoopToDriveButTakesWhatIsPosted) {
  boost::asio::io_context io(1);
  uds::Server server(io.get_executor());
  EXPECT_THROW(static_cast<void>(server.native_handle()), std::logic_error);
  EXPECT_THROW(server.poll(), std::logic_error);
  EXPECT_THROW(server.run(), std::logic_error);
  bool called = false;
  server.post([&] { called = true; });
  io.poll();
  EXPECT_TRUE(called);
}

}  // namespace
