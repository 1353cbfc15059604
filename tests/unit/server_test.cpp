// The server through a real socket: requests, streams, cancellation, limits, and what happens when
// peers misbehave.
#include "uds/server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

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

/// Counts handlers that are alive, to see that cancellation ran their clean-up.
std::atomic<int> alive{0};
struct Alive {
  Alive() { ++alive; }
  ~Alive() { --alive; }
};

Task<Response> sleepy(Call&) {
  const Alive here;
  co_await uds::sleep_for(1h);
  co_return Response::ok();
}

Task<Response> count(Call& call) {
  const auto total = call.args().value("to", std::int64_t{3});
  for (std::int64_t i = 1; i <= total; ++i) co_await call.progress(i, total, "steps");
  co_return Response::ok("counted", nullptr);
}

Task<Response> endless(Call& call) {
  const Alive here;
  const std::string text(1000, 'x');
  for (;;) co_await call.processing(text);
}

Task<Response> at_once(Call&) {
  co_return Response::ok("at once", nullptr);
}

Task<Response> throws_later(Call& call) {
  co_await call.processing("soon");
  throw std::logic_error("a bug");
}

/// A handler that goes on when it is cancelled.
Task<Response> goes_on(Call& call) {
  bool cancelled = false;
  try {
    co_await uds::sleep_for(1h);
  } catch (const boost::system::system_error&) {
    cancelled = true;
  }
  co_await boost::asio::this_coro::reset_cancellation_state();
  co_await call.processing("not to be seen");
  co_return Response::ok(cancelled);
}

/// A handler that cancels itself and returns without suspending (Asio 1.81 would terminate the
/// process).
Task<Response> cancels_itself(Call& call) {
  call.cancel(call.request().id);
  co_return Response::ok("still here", nullptr);
}

void add_commands(uds::Server& server) {
  auto& commands = server.commands();
  commands.add(Command("t.sleep"), sleepy);
  commands.add(Command("t.count").streaming().arg("to", uds::schema::integer().minimum(0)), count);
  commands.add(Command("t.endless").streaming(), endless);
  commands.add(Command("t.at-once"), at_once);
  commands.add(Command("t.throws-later"), throws_later);
  commands.add(Command("t.self"), cancels_itself);
  commands.add(Command("t.goes-on"), goes_on);
  commands.add(Command("t.echo").any_args(), [](Call& call) { return Response::ok(call.args()); });
  commands.add(Command("t.throws"), [](Call&) -> Response { throw std::bad_alloc(); });
  commands.add(Command("t.admin").access(uds::Access::admins()),
               [](Call&) { return Response::ok(); });
}

std::string code_of(const Json& reply) {
  return reply["error"]["code"].get<std::string>();
}

TEST(Server, AnswersInTheFramingOfTheFirstMessage) {
  TestServer server;
  auto lf = server.connect();
  lf.send("{\"cmd\":\"ping\"}\n");
  EXPECT_EQ(lf.frame('\n'), R"({"id":null,"status":"OK","message":"pong","seq":1})");
  auto nul = server.connect();
  nul.send(std::string("{\n\"cmd\":\n\"ping\"}\0", 17));
  EXPECT_EQ(nul.frame('\0'), R"({"id":null,"status":"OK","message":"pong","seq":1})");
  auto eof = server.connect();
  eof.send("{\"cmd\":\"ping\"}");
  eof.half_close();
  EXPECT_EQ(eof.frame('\0'), R"({"id":null,"status":"OK","message":"pong","seq":1})");
  EXPECT_TRUE(eof.at_end());
}

TEST(Server, StreamsInOrderWithOneFinal) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.count","id":"a","args":{"to":1000}})");
  for (int i = 1; i <= 1000; ++i) {
    const Json reply = client.reply();
    ASSERT_EQ(reply["seq"], i);
    ASSERT_EQ(reply["status"], "PROCESSING");
    ASSERT_EQ(reply["progress"]["current"], i);
  }
  const Json last = client.reply();
  EXPECT_EQ(last["status"], "OK");
  EXPECT_EQ(last["seq"], 1001);
  client.half_close();
  EXPECT_TRUE(client.at_end());
}

TEST(Server, RequestsWithIdsRunSideBySideAndWithoutInTurn) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.sleep","id":1})");
  client.line(R"({"cmd":"ping","id":2})");
  EXPECT_EQ(client.reply()["id"], 2);
  client.line(R"({"cmd":"t.count"})");
  client.line(R"({"cmd":"ping"})");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.reply()["status"], "PROCESSING");
  EXPECT_EQ(client.reply()["message"], "counted");
  EXPECT_EQ(client.reply()["message"], "pong");
}

TEST(Server, HalfClosedPeerGetsEverythingItAskedFor) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.count","id":1})");
  client.line(R"({"cmd":"t.count","id":2})");
  client.half_close();
  int finals = 0;
  for (Json reply = client.reply(); !reply.is_null(); reply = client.reply())
    finals += reply["status"] == "OK" ? 1 : 0;
  EXPECT_EQ(finals, 2);
}

TEST(Server, VanishedPeerCancelsWhatItAskedFor) {
  TestServer server({}, add_commands);
  for (const bool half_close_first : {false, true}) {
    auto client = server.connect();
    client.line(R"({"cmd":"t.sleep","id":1})");
    client.line(R"({"cmd":"t.sleep"})");
    if (half_close_first) client.half_close();
    ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.requests_in_flight() == 2; }));
    EXPECT_EQ(alive, 2);
    client.close();
    EXPECT_TRUE(server.eventually([](uds::Server& s) { return s.connections() == 0; }));
    EXPECT_EQ(alive, 0);
  }
}

TEST(Server, CancelEndsARequestWithItsOwnFinal) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.sleep","id":"x"})");
  client.line(R"({"cmd":"cancel","id":"c","args":{"id":"x"}})");
  const Json told = client.reply();
  EXPECT_EQ(told["id"], "c");
  EXPECT_EQ(told["status"], "OK");
  const Json cancelled = client.reply();
  EXPECT_EQ(cancelled["id"], "x");
  EXPECT_EQ(code_of(cancelled), "cancelled");
  client.line(R"({"cmd":"cancel","id":"d","args":{"id":"x"}})");
  EXPECT_EQ(code_of(client.reply()), "not_found");
  EXPECT_EQ(alive, 0);
}

TEST(Server, CancelledHandlerThatGoesOnSendsItsFinalOnly) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.goes-on","id":"x"})");
  client.line(R"({"cmd":"cancel","id":"c","args":{"id":"x"}})");
  EXPECT_EQ(client.reply()["id"], "c");
  const Json last = client.reply();
  EXPECT_EQ(last["status"], "OK");
  EXPECT_EQ(last["seq"], 1);
  EXPECT_EQ(last["data"], true);
}

TEST(Server, HandlerThatCancelsItselfMayStillFinish) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.self","id":1})");
  EXPECT_EQ(client.reply()["message"], "still here");
  client.line(R"({"cmd":"ping","id":2})");
  EXPECT_EQ(client.reply()["message"], "pong");
}

TEST(Server, TimeoutIsEnforcedByTheServer) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.sleep","id":1,"timeout_ms":5})");
  EXPECT_EQ(code_of(client.reply()), "deadline_exceeded");
  EXPECT_EQ(alive, 0);
}

TEST(Server, ExceptionsEndOneRequestOnly) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.throws","id":1})");
  const Json plain = client.reply();
  EXPECT_EQ(code_of(plain), "internal");
  EXPECT_TRUE(plain["error"]["incident"].is_string());
  client.line(R"({"cmd":"t.throws-later","id":2})");
  EXPECT_EQ(client.reply()["status"], "PROCESSING");
  EXPECT_EQ(code_of(client.reply()), "internal");
  client.line(R"({"cmd":"t.at-once","id":3})");
  EXPECT_EQ(client.reply()["message"], "at once");
  EXPECT_EQ(server.logged("a handler ended by an exception"), 2U);
}

TEST(Server, DuplicateIdLeavesTheRunningRequestAlone) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.sleep","id":7})");
  for (const char* text : {R"({"cmd":"ping","id":7})", R"({"cmd":"ping","id":7,"nonsense":1})"}) {
    client.line(text);
    const Json reply = client.reply();
    EXPECT_EQ(code_of(reply), "duplicate_id");
    EXPECT_TRUE(reply["id"].is_null());
    EXPECT_EQ(reply["error"]["id"], 7);
    EXPECT_FALSE(reply.contains("seq"));
  }
  client.line(R"({"cmd":"ping","id":"7"})");
  EXPECT_EQ(client.reply()["id"], "7");
  client.line(R"({"cmd":"cancel","id":8,"args":{"id":7}})");
  EXPECT_EQ(client.reply()["id"], 8);
  EXPECT_EQ(client.reply()["id"], 7);
}

TEST(Server, RequestsInFlightAreLimitedButNotCancelAndPing) {
  uds::Limits limits;
  limits.requests_in_flight = 2;
  TestServer server(limits, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.sleep","id":1})");
  client.line(R"({"cmd":"t.sleep","id":2})");
  client.line(R"({"cmd":"t.at-once","id":3})");
  const Json busy = client.reply();
  EXPECT_EQ(code_of(busy), "busy");
  EXPECT_EQ(busy["error"]["limit"], "requests_in_flight");
  EXPECT_EQ(busy["error"]["retryable"], true);
  client.line(R"({"cmd":"ping","id":4})");
  EXPECT_EQ(client.reply()["message"], "pong");
  client.line(R"({"cmd":"cancel","id":5,"args":{"id":1}})");
  EXPECT_EQ(client.reply()["id"], 5);
  EXPECT_EQ(client.reply()["id"], 1);
  client.line(R"({"cmd":"t.at-once","id":6})");
  EXPECT_EQ(client.reply()["message"], "at once");
}

TEST(Server, ConnectionsAreLimited) {
  uds::Limits limits;
  limits.connections = 2;
  TestServer server(limits);
  auto first = server.connect();
  auto second = server.connect();
  ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.connections() == 2; }));
  auto third = server.connect();
  const Json reply = third.reply('\0');
  EXPECT_EQ(code_of(reply), "busy");
  EXPECT_EQ(reply["error"]["limit"], "connections");
  EXPECT_TRUE(third.at_end());
  first.line(R"({"cmd":"ping"})");
  EXPECT_EQ(first.reply()["message"], "pong");
}

TEST(Server, BufferedBytesOfAUserAreLimited) {
  uds::Limits limits;
  limits.buffered_bytes_per_uid = 10'000;
  TestServer server(limits, add_commands);
  auto hoarder = server.connect();
  hoarder.line(R"({"cmd":"t.endless","id":1})");
  ASSERT_TRUE(server.eventually(
      [](uds::Server& s) { return s.usage_of(::geteuid()).buffered_bytes > 10'000; }));
  auto other = server.connect();
  other.line(R"({"cmd":"t.at-once","id":1})");
  const Json refused = other.reply();
  EXPECT_EQ(code_of(refused), "busy");
  EXPECT_EQ(refused["error"]["limit"], "buffered_bytes_per_uid");
  other.line(R"({"cmd":"ping","id":2})");
  EXPECT_EQ(other.reply()["message"], "pong");
  other.send(R"({"cmd":)");
  EXPECT_EQ(code_of(other.reply()), "busy") << "a message that finds no room";
  EXPECT_TRUE(other.at_end());
  hoarder.close();
  EXPECT_TRUE(server.eventually([](uds::Server& s) {
    return s.connections() == 0 && s.usage().buffered_bytes == 0 &&
           s.usage().requests_in_flight == 0;
  }));
}

TEST(Server, CountsWhatItDoes) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  for (const char* text : {R"({"cmd":"ping"})", R"({"cmd":"nothing"})", "[]",
                           R"({"cmd":"t.count","args":{"to":-1}})", R"({"cmd":"t.count"})"})
    client.line(text);
  client.half_close();
  while (client.frame()) {
  }
  const auto requests = server.on_loop([](uds::Server& s) { return s.statistics().requests(); });
  EXPECT_EQ(requests.at("ping").at("ok"), 1U);
  EXPECT_EQ(requests.at("(none)").at("unknown_command"), 1U);
  EXPECT_EQ(requests.at("(none)").at("bad_frame"), 1U);
  EXPECT_EQ(requests.at("t.count").at("invalid_args"), 1U);
  EXPECT_EQ(requests.at("t.count").at("ok"), 1U);
}

TEST(Server, SlowReaderSuspendsTheHandlerAndIsDroppedInTheEnd) {
  uds::Limits limits;
  limits.stalled_reader = 50ms;
  TestServer server(limits, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.endless","id":1})");
  ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.requests_in_flight() == 1; }));
  EXPECT_TRUE(server.eventually([](uds::Server& s) { return s.connections() == 0; }));
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(server.logged("the reader takes nothing"), 1U);
}

TEST(Server, RequestsAreLoggedAsTheLevelSays) {
  using Lines = std::vector<std::string>;
  for (const auto& [level, wanted] : std::initializer_list<std::pair<uds::LogLevel, Lines>>{
           {uds::LogLevel::Debug, {"request", "request refused", "request"}},
           {uds::LogLevel::Info, {"request refused"}},
           {uds::LogLevel::Warn, {}}}) {
    Lines lines;
    const auto note = [&](const uds::LogRecord& record) { lines.push_back(record.message); };
    TestServer server({}, [&](uds::Server& s) { s.set_log(uds::Log(level, note)); });
    auto client = server.connect();
    for (const char* request : {R"({"cmd":"ping","id":1})", R"({"cmd":"no.such","id":2})"}) {
      client.line(request);
      ASSERT_TRUE(client.frame());
    }
    EXPECT_EQ(server.on_loop([&](uds::Server&) { return lines; }), wanted);
  }
}

TEST(Server, ReaderThatTakesALittleNowAndThenIsNotDropped) {
  uds::Limits limits;
  limits.stalled_reader = 300ms;
  TestServer server(limits, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.endless","id":1})");
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(client.frame()) << i;
  EXPECT_EQ(server.logged("the reader takes nothing"), 0U);
}

TEST(Server, FastStreamDoesNotKeepOthersWaiting) {
  TestServer server({}, add_commands);
  auto greedy = server.connect();
  greedy.line(R"({"cmd":"t.endless","id":1})");
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) static_cast<void>(greedy.frame());
  });
  auto other = server.connect();
  other.line(R"({"cmd":"ping"})");
  EXPECT_EQ(other.reply()["message"], "pong");
  stop = true;
  reader.join();
}

TEST(Server, TooLargeIsAnsweredOnceAndCloses) {
  uds::Limits limits;
  limits.message_bytes = 1000;
  TestServer server(limits);
  auto client = server.connect();
  client.line(R"({"cmd":"ping","id":1})");
  EXPECT_EQ(client.reply()["id"], 1);
  client.send(R"({"cmd":"echo","args":")" + std::string(100'000, 'x'));
  const Json reply = client.reply();
  EXPECT_EQ(code_of(reply), "too_large");
  EXPECT_EQ(reply["error"]["limit"], 1000);
  EXPECT_FALSE(reply.contains("seq"));
  EXPECT_TRUE(client.at_end());
  client.close();
  EXPECT_TRUE(server.eventually([](uds::Server& s) { return s.connections() == 0; }));
}

TEST(Server, UnfinishedMessageTimesOutButAnIdleClientMayStay) {
  uds::Limits limits;
  limits.partial_message = 20ms;
  TestServer server(limits, add_commands);
  auto idle = server.connect();
  idle.send(" \r\n");
  auto slow = server.connect();
  slow.line(R"({"cmd":"t.sleep","id":1})");
  slow.send(R"({"cmd":)");
  const Json reply = slow.reply();
  EXPECT_EQ(code_of(reply), "bad_frame");
  EXPECT_EQ(reply["error"]["reason"], "timeout");
  slow.close();
  EXPECT_TRUE(server.eventually([](uds::Server& s) { return s.connections() == 1; }));
  idle.line(R"({"cmd":"ping"})");
  EXPECT_EQ(idle.reply()["message"], "pong");
}

TEST(Server, ListsConnectionsWithTheirRequests) {
  TestServer server({}, add_commands);
  auto busy = server.connect();
  busy.line(R"({"cmd":"t.sleep","id":"first"})");
  busy.line(R"({"cmd":"t.sleep","id":2})");
  ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.requests_in_flight() == 2; }));
  auto idle = server.connect();
  ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.connections() == 2; }));
  const auto list = server.on_loop([](uds::Server& s) { return s.list_connections(); });
  ASSERT_EQ(list.size(), 2U);
  ASSERT_EQ(list[0].requests.size(), 2U);
  EXPECT_EQ(list[0].requests_in_flight, 2U);
  EXPECT_EQ(list[0].requests[0].id, uds::RequestId(std::string("first")));
  EXPECT_EQ(list[0].requests[1].id, uds::RequestId(2));
  EXPECT_EQ(list[0].requests[0].command, "t.sleep");
  EXPECT_GE(list[0].requests[0].age, list[0].requests[1].age);
  EXPECT_LE(list[0].requests[0].age, list[0].age);
  EXPECT_TRUE(list[1].requests.empty());
}

TEST(Server, BadFramesDoNotEndTheConnection) {
  TestServer server;
  auto client = server.connect();
  client.line(R"({"cmd":"ping","id":1})");
  EXPECT_EQ(client.reply()["id"], 1);
  for (const std::string text : {"[]", "{", "{}x", R"({"cmd":"ping","cmd":"ping"})"}) {
    client.line(text);
    const Json reply = client.reply();
    EXPECT_EQ(code_of(reply), "bad_frame") << text;
    EXPECT_TRUE(reply["id"].is_null());
  }
  client.line(R"({"cmd":"ping","id":2})");
  EXPECT_EQ(client.reply()["id"], 2);
}

TEST(Server, VarlinkIsAnsweredInItsOwnWordsOnlyAtTheStart) {
  TestServer server;
  auto client = server.connect();
  client.send(std::string(R"({"method":"org.varlink.service.GetInfo"})") + '\0');
  EXPECT_EQ(
      client.frame('\0'),
      R"({"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"org.varlink.service.GetInfo"}})");
  client.send(std::string(R"({"method":"x","id":3})") + '\0');
  const Json reply = client.reply('\0');
  EXPECT_EQ(code_of(reply), "bad_request");
  EXPECT_EQ(reply["error"]["field"], "method");
}

TEST(Server, DrainAnswersWhatRunsAndRefusesWhatIsNew) {
  TestServer server({}, add_commands);
  auto busy = server.connect();
  busy.line(R"({"cmd":"t.sleep","id":1,"timeout_ms":300})");
  auto idle = server.connect();
  idle.line(R"({"cmd":"ping"})");
  EXPECT_EQ(idle.reply()["message"], "pong");
  ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.requests_in_flight() == 1; }));

  std::promise<void> drained;
  server.on_loop([&](uds::Server& s) { s.drain([&] { drained.set_value(); }); });
  EXPECT_TRUE(idle.at_end());
  busy.line(R"({"cmd":"t.at-once","id":2})");
  const Json refused = busy.reply();
  EXPECT_EQ(code_of(refused), "shutting_down");
  EXPECT_EQ(refused["error"]["retryable"], true);
  EXPECT_EQ(code_of(busy.reply()), "deadline_exceeded");
  EXPECT_TRUE(busy.at_end());
  EXPECT_EQ(drained.get_future().wait_for(20s), std::future_status::ready);
  EXPECT_NE(::access(server.path().c_str(), F_OK), 0) << "the socket file is still there";
}

TEST(Server, DrainLimitEndsTheRestWithAFinal) {
  uds::Limits limits;
  limits.drain = 20ms;
  TestServer server(limits, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.sleep","id":1})");
  client.line(R"({"cmd":"t.sleep"})");
  ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.requests_in_flight() == 2; }));
  std::promise<void> drained;
  server.on_loop([&](uds::Server& s) { s.drain([&] { drained.set_value(); }); });
  for (int i = 0; i < 2; ++i) {
    const Json reply = client.reply();
    EXPECT_EQ(code_of(reply), "shutting_down");
    EXPECT_EQ(reply["error"]["retryable"], false);
  }
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(drained.get_future().wait_for(20s), std::future_status::ready);
  EXPECT_EQ(alive, 0);
}

TEST(Server, DestroyedWithRequestsInFlight) {
  {
    TestServer server({}, add_commands);
    auto client = server.connect();
    client.line(R"({"cmd":"t.sleep","id":1})");
    client.line(R"({"cmd":"t.endless","id":2})");
    ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.requests_in_flight() == 2; }));
  }
  EXPECT_EQ(alive, 0);
}

TEST(Server, AccessIsDecidedByTheKernelsWord) {
  if (!uds_test::should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.admin","id":1})");
  EXPECT_EQ(client.reply()["status"], "OK");
  client.line(R"({"cmd":"t.admin","id":2,"uid":0})");
  EXPECT_EQ(code_of(client.reply()), "bad_request");
}

TEST(Server, EveryByteSplitIsTheSameConversation) {
  TestServer server;
  auto client = server.connect();
  const std::string text = R"({"cmd":"t.nothing","id":"é"})"
                           "\n"
                           R"({"cmd":"ping","id":2})"
                           "\n";
  for (std::size_t i = 0; i < text.size(); ++i) client.send(text.substr(i, 1));
  EXPECT_EQ(code_of(client.reply()), "unknown_command");
  EXPECT_EQ(client.reply()["id"], 2);
}

TEST(Server, PipelinedFloodIsAnsweredInOrder) {
  TestServer server;
  auto client = server.connect();
  constexpr int kCount = 20'000;
  std::thread writer([&] {
    std::string batch;
    for (int i = 1; i <= kCount; ++i) batch += R"({"cmd":"ping","id":)" + std::to_string(i) + "}\n";
    client.send(batch);
  });
  for (int i = 1; i <= kCount; ++i) {
    const auto text = client.frame();
    ASSERT_TRUE(text);
    ASSERT_EQ(*text,
              R"({"id":)" + std::to_string(i) + R"(,"status":"OK","message":"pong","seq":1})");
  }
  writer.join();
}

}  // namespace
