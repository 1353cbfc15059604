// Work that blocks: beside it the loop answers, cancellation reaches it, and what it throws comes
// back.
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
using uds_test::TestServer;

/// What the handlers' work waits for, and what it has seen.
struct Gate {
  std::counting_semaphore<1000> open{0};
  std::atomic<int> begun = 0;
  std::atomic<int> stopped = 0;
};

void add_commands(uds::Server& server, const std::shared_ptr<Gate>& gate) {
  const auto wait = [gate](Call&) -> Task<Response> {
    auto work = [gate](std::stop_token) {
      ++gate->begun;
      gate->open.acquire();
      return 42;
    };
    const int value = co_await uds::blocking(std::move(work));
    co_return Response::ok(Json(value));
  };
  const auto until_stopped = [gate](Call&) -> Task<Response> {
    auto work = [gate](std::stop_token stop) {
      ++gate->begun;
      while (!stop.stop_requested()) std::this_thread::yield();
      ++gate->stopped;
    };
    co_await uds::blocking(std::move(work));
    co_return Response::ok();
  };
  const auto fail = [](Call&) -> Task<Response> {
    auto work = [](std::stop_token) { throw std::runtime_error("no such file"); };
    co_await uds::blocking(std::move(work));
    co_return Response::ok();
  };
  server.commands().add(Command("t.wait"), wait);
  server.commands().add(Command("t.until-stopped"), until_stopped);
  server.commands().add(Command("t.fail"), fail);
}

class Blocking : public testing::Test {
 protected:
  [[nodiscard]] bool begun(int count) {
    return server.eventually([this, count](uds::Server&) { return gate->begun == count; });
  }

  const std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  TestServer server{{}, [this](uds::Server& s) { add_commands(s, gate); }};
  RawClient client = server.connect();
};

TEST_F(Blocking, APingBesideSixteenThatBlockIsAnsweredFirst) {
  constexpr int kHandlers = 16;
  for (int id = 1; id <= kHandlers; ++id)
    client.line(R"({"cmd":"t.wait","id":)" + std::to_string(id) + "}");
  ASSERT_TRUE(begun(static_cast<int>(uds::kBlockingThreads)));
  client.line(R"({"cmd":"ping","id":"p"})");
  EXPECT_EQ(client.reply()["id"], "p");
  gate->open.release(kHandlers);
  for (int i = 0; i < kHandlers; ++i) EXPECT_EQ(client.reply()["data"], 42);
  EXPECT_EQ(gate->begun, kHandlers);
}

TEST_F(Blocking, WorkThatWaitsForAThreadIsNeverBegunOnceCancelled) {
  const int threads = static_cast<int>(uds::kBlockingThreads);
  for (int id = 1; id <= threads; ++id)
    client.line(R"({"cmd":"t.wait","id":)" + std::to_string(id) + "}");
  ASSERT_TRUE(begun(threads));
  client.line(R"({"cmd":"t.wait","id":"late","timeout_ms":1})");
  const Json late = client.reply();
  EXPECT_EQ(late["id"], "late");
  EXPECT_EQ(late["error"]["code"], "deadline_exceeded");
  gate->open.release(threads);
  for (int i = 0; i < threads; ++i) EXPECT_EQ(client.reply()["status"], "OK");
  // Another one comes behind it in the queue: when it has run, the late one has been passed over.
  gate->open.release(1);
  client.line(R"({"cmd":"t.wait","id":"next"})");
  EXPECT_EQ(client.reply()["id"], "next");
  EXPECT_EQ(gate->begun, threads + 1);
}

TEST_F(Blocking, WorkThatRunsIsAskedToStopWhenItsCallerHasGone) {
  client.line(R"({"cmd":"t.until-stopped","id":1})");
  ASSERT_TRUE(begun(1));
  client.close();
  EXPECT_TRUE(server.eventually(
      [this](uds::Server& s) { return gate->stopped == 1 && s.connections() == 0; }));
}

TEST_F(Blocking, WhatItThrowsEndsTheRequest) {
  client.line(R"({"cmd":"t.fail","id":1})");
  EXPECT_EQ(client.reply()["error"]["code"], "internal");
}

TEST(BlockingWork, MayOutliveTheServerAndItsLoop) {
  const auto gate = std::make_shared<Gate>();
  {
    TestServer server({}, [&](uds::Server& s) { add_commands(s, gate); });
    RawClient client = server.connect();
    client.line(R"({"cmd":"t.wait","id":1})");
    ASSERT_TRUE(server.eventually([&](uds::Server&) { return gate->begun == 1; }));
  }
  gate->open.release(1);
  // The thread is free again, for another server.
  TestServer next({}, [&](uds::Server& s) { add_commands(s, gate); });
  RawClient client = next.connect();
  for (std::size_t i = 0; i < uds::kBlockingThreads; ++i) client.line(R"({"cmd":"t.wait"})");
  gate->open.release(static_cast<std::ptrdiff_t>(uds::kBlockingThreads));
  for (std::size_t i = 0; i < uds::kBlockingThreads; ++i) EXPECT_EQ(client.reply()["status"], "OK");
}

}  // namespace
