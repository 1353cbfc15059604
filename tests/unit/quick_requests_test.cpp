// Requests that plain handlers answer OK, many at a time: they share looks at the clock, are all
// counted, and are told to who watches only where that is wanted.
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server_fixture.hpp"

namespace {

using uds::Call;
using uds::Command;
using uds::Json;
using uds::Response;
using uds::Server;
using uds::Task;
using uds_test::TestServer;

const std::string kPing = "{\"cmd\":\"ping\"}\n";

std::string pings(int count) {
  std::string out;
  while (count-- > 0) out += kPing;
  return out;
}

/// What the server has counted, as one of its own handlers sees it.
void add_seen(Server& server) {
  server.set_log({});  // at Debug every request is one of its own
  server.commands().add(Command("t.seen"), [&server](Call&) {
    const uds::Statistics& statistics = server.statistics();
    Json data = Json::object();
    data["requests"] = statistics.requests();
    data["durations"] = statistics.durations().count();
    return Response::ok(std::move(data));
  });
}

/// What an observer was told: of connections, and of requests.
struct Told {
  int connections = 0;
  std::vector<std::string> requests;

  void add(const uds::Event& event) {
    if (event.id == nullptr)
      ++connections;
    else if (event.kind == uds::Event::Kind::RequestFinished)
      requests.push_back(std::string(event.command) + " " + std::string(event.reason));
  }
};

/// Sends everything at once, and takes as many answers.
std::vector<Json> ask(const TestServer& server, const std::string& text, std::size_t answers) {
  auto client = server.connect();
  client.send(text);
  std::vector<Json> out;
  while (out.size() < answers) out.push_back(client.reply());
  return out;
}

TEST(QuickRequests, AreAllCounted) {
  TestServer server({}, [](Server& s) { s.set_log({}); });
  const std::string mixed = pings(3) + "{\"cmd\":\"help\"}\n" + pings(2) +
                            "[]\n{\"cmd\":\"no\"}\n" + pings(1) +
                            "{\"cmd\":\"help\",\"args\":{\"command\":\"no\"}}\n";
  ask(server, mixed, 10);
  const auto [requests, durations] = server.on_loop([](Server& s) {
    return std::pair(s.statistics().requests(), s.statistics().durations().count());
  });
  EXPECT_EQ(requests.at("ping").at("ok"), 6U);
  EXPECT_EQ(requests.at("help").at("ok"), 1U);
  EXPECT_EQ(requests.at("(none)").at("bad_frame"), 1U);
  EXPECT_EQ(requests.at("(none)").at("unknown_command"), 1U);
  EXPECT_EQ(durations, 10U);
}

TEST(QuickRequests, AreCountedBeforeTheNextCommandRuns) {
  TestServer server({}, add_seen);
  const Json seen = ask(server, pings(5) + "{\"cmd\":\"t.seen\"}\n", 6).back()["data"];
  EXPECT_EQ(seen["requests"]["ping"]["ok"], 5);
  EXPECT_EQ(seen["durations"], 5);
}

TEST(QuickRequests, AreToldOneByOneWhereAllAreWanted) {
  Told told;
  TestServer server({}, [&told](Server& s) {
    s.set_log({});
    s.observe([&told](const uds::Event& event) { told.add(event); });
  });
  ask(server, pings(3) + "{\"cmd\":\"no\"}\n", 4);
  const std::vector<std::string> all{"ping ok", "ping ok", "ping ok", "no unknown_command"};
  EXPECT_EQ(server.on_loop([&told](Server&) { return std::exchange(told.requests, {}); }), all);
}

TEST(QuickRequests, AreToldFromTheCommandOnAfterThatTheyAreWanted) {
  Told told;
  bool wanted = false;
  TestServer server({}, [&](Server& s) {
    s.set_log({});
    s.commands().add(Command("t.want"), [&wanted](Call&) {
      wanted = true;
      return Response::ok();
    });
    s.commands().add(Command("t.slow"), [](Call&) -> Task<Response> { co_return Response::ok(); });
    s.observe([&told](const uds::Event& event) { told.add(event); }, [&wanted] { return wanted; });
  });
  const std::string no = "{\"cmd\":\"no\"}\n";
  const std::string want = "{\"cmd\":\"t.want\"}\n";
  ask(server, pings(2) + "{\"cmd\":\"t.slow\"}\n" + no + want + pings(2), 7);
  const std::vector<std::string> some{"t.slow ok", "no unknown_command", "ping ok", "ping ok"};
  EXPECT_EQ(server.on_loop([&told](Server&) { return told.requests; }), some);
  EXPECT_GT(server.on_loop([&told](Server&) { return told.connections; }), 0);
  const auto counted = server.on_loop([](Server& s) { return s.statistics().durations().count(); });
  EXPECT_EQ(counted, 7U);

  server.on_loop([&](Server&) {
    told.requests.clear();
    return wanted = false;
  });
  ask(server, want + no + pings(1), 3);
  const std::vector<std::string> behind_a_refusal{"no unknown_command", "ping ok"};
  EXPECT_EQ(server.on_loop([&told](Server&) { return told.requests; }), behind_a_refusal);
}

TEST(QuickRequests, AreCountedWhenTheirAnswersLeave) {
  uds::Limits limits;
  limits.queued_bytes = 1000;
  TestServer server(limits, [](Server& s) {
    s.set_log({});
    s.commands().add(Command("t.big"), [&s](Call&) {
      Json data = Json::object();
      data["counted"] = s.statistics().durations().count();
      data["fill"] = std::string(600, 'x');  // each second answer passes the mark
      return Response::ok(std::move(data));
    });
  });
  std::string requests;
  for (int i = 0; i < 4; ++i) requests += "{\"cmd\":\"t.big\"}\n";
  std::vector<int> counted;
  for (const Json& answer : ask(server, requests, 4))
    counted.push_back(answer["data"]["counted"].get<int>());
  EXPECT_EQ(counted, (std::vector<int>{0, 0, 2, 2}));
}

/// Of what is refused behind slow requests; these take so long that nothing else is meant by it.
TEST(QuickRequests, ARefusalBehindThemIsNotCountedWithTheirTime) {
  std::chrono::steady_clock::duration slept{0};
  std::chrono::microseconds took = std::chrono::hours(1);  // until it is told
  TestServer server({}, [&](Server& s) {
    s.set_log({});
    s.commands().add(Command("t.slow"), [&slept](Call&) {
      const auto begin = std::chrono::steady_clock::now();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      slept += std::chrono::steady_clock::now() - begin;
      return Response::ok();
    });
    s.observe(
        [&took](const uds::Event& event) {
          if (event.reason == "unknown_command") took = event.took;
        },
        [] { return false; });
  });
  std::string requests;
  for (int i = 0; i < 6; ++i) requests += "{\"cmd\":\"t.slow\"}\n";
  ask(server, requests + "{\"cmd\":\"no\"}\n", 7);
  EXPECT_TRUE(server.on_loop([&](Server&) { return took < slept; }));
}

}  // namespace
