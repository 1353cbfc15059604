// The coroutine client against stub servers: several requests in flight on one connection,
// cancellation, and every end.
#include "uds/asio.hpp"

#include "spawn.hpp"
#include "stub_server.hpp"

#include <gtest/gtest.h>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace std::string_literals;
using uds::Client;
using uds::ClientOptions;
using uds::Errc;
using uds::Replies;
using uds::Request;
using uds::Task;
using uds_test::ok;
using uds_test::processing;
using uds_test::StubConnection;
using uds_test::StubServer;
using Seen = std::vector<std::string>;

std::string name_of(const std::optional<uds::Error>& failure) {
  if (!failure) return "end";
  for (const auto& [code, name] :
       {std::pair{Errc::Deadline, "deadline"}, std::pair{Errc::ConnectionLost, "lost"},
        std::pair{Errc::BadReply, "bad reply"}, std::pair{Errc::NoDaemon, "no daemon"},
        std::pair{Errc::ServerBusy, "server busy"}})
    if (failure->is(code)) return name;
  return failure->message();
}

/// Runs the coroutines that are started on it, and reports what escaped from them.
class Loop {
 public:
  void start(Task<void> task) {
    uds::spawn(io.get_executor(), std::move(task),
               [](std::exception_ptr failure) { EXPECT_FALSE(failure) << "an exception escaped"; });
  }
  asio::io_context io{1};
};

Task<void> read_all(Replies replies, Seen& seen) {
  while (auto reply = co_await replies.next()) seen.push_back(reply->message());
  seen.push_back(name_of(replies.failure()));
}

Task<void> ask(const std::string& path, ClientOptions options, Seen& seen) {
  auto client = co_await Client::connect(path, std::move(options));
  if (!client) {
    seen.push_back(name_of(client.error()));
    co_return;
  }
  Request request("ping");
  Replies replies = co_await client->send(std::move(request));
  co_await read_all(std::move(replies), seen);
}

Seen ask(const std::string& path, ClientOptions options = {}) {
  Seen seen;
  Loop loop;
  loop.start(ask(path, std::move(options), seen));
  loop.io.run();
  return seen;
}

TEST(AsyncClient, DeliversProcessingAndThenTheFinal) {
  StubServer server([](StubConnection& peer) {
    EXPECT_EQ(peer.line(), R"({"id":1,"cmd":"ping"})");
    peer.send(processing("1", "one") + processing("1", "two") + ok("1", "three"));
    EXPECT_EQ(peer.read_to_end(), "") << "the connection ends with its last owner";
  });
  EXPECT_EQ(ask(server.path()), (Seen{"one", "two", "three", "end"}));
}

TEST(AsyncClient, ReportsEveryOtherEnd) {
  StubServer garbage([](StubConnection& peer) {
    peer.line();
    peer.send("garbage\n");
  });
  EXPECT_EQ(ask(garbage.path()), Seen{"bad reply"});
  StubServer vanishing([](StubConnection& peer) {
    peer.line();
    peer.send(processing("1"));
  });
  EXPECT_EQ(ask(vanishing.path()), (Seen{"working", "lost"}));
  StubServer busy([](StubConnection& peer) {
    peer.send(
        R"({"id":null,"status":"ERROR","message":"busy","error":{"code":"busy","retryable":true}})"s +
        "\0"s);
  });
  EXPECT_EQ(ask(busy.path()), (Seen{"busy", "end"}));
  StubServer foreign([](StubConnection& peer) {
    peer.line();
    peer.send(ok("2") + ok("\"1\""));
    peer.read_to_end();
  });
  EXPECT_EQ(ask(foreign.path(), ClientOptions().with_call_timeout(50ms)), Seen{"deadline"});
  EXPECT_EQ(ask("/nonexistent/uds.sock"), Seen{"no daemon"});
}

TEST(AsyncClient, ReportsAResponseOfAGigabyteEarly) {
  std::size_t sent = 0;
  {
    StubServer server([&](StubConnection& peer) {
      peer.line();
      const std::string piece(std::size_t{1} << 20, 'x');
      while (sent < std::size_t{1} << 30 && peer.send(piece)) sent += piece.size();
    });
    EXPECT_EQ(ask(server.path()), Seen{"bad reply"});
  }
  EXPECT_LT(sent, std::size_t{64} << 20);
}

TEST(AsyncClient, EndsSilenceAndTrickleAtItsDeadline) {
  StubServer silent([](StubConnection& peer) {
    peer.line();
    peer.read_to_end();
  });
  EXPECT_EQ(ask(silent.path(), ClientOptions().with_call_timeout(50ms)), Seen{"deadline"});
  StubServer trickle([](StubConnection& peer) {
    peer.line();
    peer.send(R"({"id":1,"status":"OK","message":")");
    while (peer.send("x")) std::this_thread::sleep_for(5ms);
  });
  EXPECT_EQ(ask(trickle.path(), ClientOptions().with_call_timeout(100ms)), Seen{"deadline"});
}

TEST(AsyncClient, EndsProcessingForEverAtItsDeadline) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    while (peer.send(processing("1"))) {
    }
  });
  Seen seen = ask(server.path(), ClientOptions().with_call_timeout(50ms));
  EXPECT_EQ(seen.back(), "deadline");
}

TEST(AsyncClient, HalfCloses) {
  StubServer server([](StubConnection& peer) {
    EXPECT_EQ(peer.read_to_end(), R"({"id":1,"cmd":"ping"})");
    peer.send(R"({"id":"processing","status":"PROCESSING","message":"wait"})"s + "\0"s);
    peer.send(R"({"id":"response","status":"OK","message":"Roger that"})"s + "\0"s);
  });
  EXPECT_EQ(ask(server.path(), ClientOptions().with_half_close()),
            (Seen{"wait", "Roger that", "end"}));
}

TEST(AsyncClient, WaitsForAFullBacklogUntilTheConnectTimeout) {
  uds_test::TempDir directory;
  const std::string path = directory.path() + "/full.sock";
  const uds::Fd listener = uds_test::listen_at(path, 0);
  std::vector<uds::BlockingClient> waiting;
  while (auto client =
             uds::BlockingClient::connect(path, ClientOptions().with_connect_timeout(0ms))) {
    waiting.push_back(*std::move(client));
    ASSERT_LT(waiting.size(), 10U) << "the backlog is never full";
  }
  EXPECT_EQ(ask(path, ClientOptions().with_connect_timeout(60ms)), Seen{"server busy"});
}

Task<void> ask_on(Client& client, std::string command, Seen& seen) {
  Request request(std::move(command));
  Replies replies = co_await client.send(std::move(request));
  co_await read_all(std::move(replies), seen);
}

Task<void> connect_then(const std::string& path, ClientOptions options, std::optional<Client>& out,
                        std::function<void()> then) {
  auto client = co_await Client::connect(path, std::move(options));
  EXPECT_TRUE(client.has_value());
  if (!client) co_return;
  out = *std::move(client);
  then();
}

TEST(AsyncClient, KeepsInterleavedRequestsApart) {
  StubServer server([](StubConnection& peer) {
    for (int count = 0; count < 3; ++count) peer.line();
    peer.send(processing("3", "c1") + processing("1", "a1") + processing("2", "b1") +
              processing("3", "c2"));
    peer.send(ok("2", "b") + processing("1", "a2") + ok("3", "c") + ok("1", "a"));
  });
  Loop loop;
  std::optional<Client> client;
  Seen first;
  Seen second;
  Seen third;
  loop.start(connect_then(server.path(), {}, client, [&] {
    loop.start(ask_on(*client, "a.a", first));
    loop.start(ask_on(*client, "b.b", second));
    loop.start(ask_on(*client, "c.c", third));
  }));
  loop.io.run();
  EXPECT_EQ(first, (Seen{"a1", "a2", "a", "end"}));
  EXPECT_EQ(second, (Seen{"b1", "b", "end"}));
  EXPECT_EQ(third, (Seen{"c1", "c2", "c", "end"}));
}

TEST(AsyncClient, SkipsASecondFinal) {
  StubServer server([](StubConnection& peer) {
    for (int count = 0; count < 2; ++count) peer.line();
    peer.send(ok("1", "a") + ok("1", "a again") + processing("1", "a still") + ok("2", "b"));
  });
  Loop loop;
  std::optional<Client> client;
  Seen first;
  Seen second;
  loop.start(connect_then(server.path(), {}, client, [&] {
    loop.start(ask_on(*client, "a.a", first));
    loop.start(ask_on(*client, "b.b", second));
  }));
  loop.io.run();
  EXPECT_EQ(first, (Seen{"a", "end"}));
  EXPECT_EQ(second, (Seen{"b", "end"}));
}

TEST(AsyncClient, ALostConnectionEndsAllRequests) {
  StubServer server([](StubConnection& peer) {
    for (int count = 0; count < 2; ++count) peer.line();
    peer.send(processing("2", "b1"));
  });
  Loop loop;
  std::optional<Client> client;
  Seen first;
  Seen second;
  Seen late;
  loop.start(connect_then(server.path(), {}, client, [&] {
    loop.start(ask_on(*client, "a.a", first));
    loop.start(ask_on(*client, "b.b", second));
  }));
  loop.io.run();
  EXPECT_EQ(first, Seen{"lost"});
  EXPECT_EQ(second, (Seen{"b1", "lost"}));
  loop.io.restart();
  loop.start(ask_on(*client, "c.c", late));
  loop.io.run();
  EXPECT_EQ(late, Seen{"lost"});
}

Task<void> same_id_twice(Client& client, Seen& seen) {
  Request first("a.a");
  first.with_id(7);
  Request second("b.b");
  second.with_id(7);
  Replies replies = co_await client.send(std::move(first));
  Replies refused = co_await client.send(std::move(second));
  co_await read_all(std::move(refused), seen);
  co_await read_all(std::move(replies), seen);
}

TEST(AsyncClient, RefusesAnIdThatIsInFlight) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    peer.send(ok("7"));
    EXPECT_EQ(peer.read_to_end(), "");
  });
  Loop loop;
  std::optional<Client> client;
  Seen seen;
  loop.start(
      connect_then(server.path(), {}, client, [&] { loop.start(same_id_twice(*client, seen)); }));
  loop.io.run();
  client.reset();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_NE(seen[0].find("in flight"), std::string::npos) << seen[0];
  EXPECT_EQ(seen[1], "done");
}

Task<void> next_once(Replies& replies, Seen& seen) {
  auto reply = co_await replies.next();
  seen.push_back(reply ? reply->message() : name_of(replies.failure()));
}

Task<void> send_only(Client& client, std::optional<Replies>& out, std::function<void()> then) {
  Request request("a.a");
  out = co_await client.send(std::move(request));
  then();
}

TEST(AsyncClient, ACancelledNextLeavesTheConnectionUsable) {
  std::promise<void> cancelled;
  StubServer server([&, go = cancelled.get_future().share()](StubConnection& peer) {
    peer.line();
    go.wait();
    peer.send(ok("1", "still here"));
    peer.read_to_end();
  });
  Loop loop;
  std::optional<Client> client;
  std::optional<Replies> replies;
  asio::cancellation_signal signal;
  Seen seen;
  loop.start(connect_then(server.path(), {}, client, [&] {
    loop.start(send_only(*client, replies, [&] {
      uds::detail::spawn(loop.io.get_executor(), next_once(*replies, seen), signal.slot(),
                         [&](std::exception_ptr e) {
                           EXPECT_TRUE(e) << "a cancelled wait throws";
                           seen.emplace_back("cancelled");
                         });
      asio::post(loop.io, [&] { signal.emit(asio::cancellation_type::terminal); });
    }));
  }));
  loop.io.run();
  ASSERT_EQ(seen, Seen{"cancelled"}) << "and nothing keeps the loop running";
  cancelled.set_value();
  loop.io.restart();
  loop.start(next_once(*replies, seen));
  loop.io.run();
  EXPECT_EQ(seen, (Seen{"cancelled", "still here"}));
  replies.reset();
  client.reset();
}

TEST(AsyncClient, WakesTheOthersWhenTheOneThatReadIsCancelled) {
  std::promise<void> cancelled;
  StubServer server([&, go = cancelled.get_future().share()](StubConnection& peer) {
    peer.line();
    peer.line();
    go.wait();
    peer.send(ok("2", "second"));
    peer.read_to_end();
  });
  Loop loop;
  std::optional<Client> client;
  std::optional<Replies> replies;
  asio::cancellation_signal signal;
  Seen seen;
  loop.start(connect_then(server.path(), {}, client, [&] {
    loop.start(send_only(*client, replies, [&] {
      uds::detail::spawn(loop.io.get_executor(), next_once(*replies, seen), signal.slot(),
                         [&](std::exception_ptr) {
                           seen.emplace_back("cancelled");
                           cancelled.set_value();
                         });
      loop.start(ask_on(*client, "b.b", seen));
      asio::post(loop.io, [&] { signal.emit(asio::cancellation_type::terminal); });
    }));
  }));
  loop.io.run();
  EXPECT_EQ(seen, (Seen{"cancelled", "second", "end"}));
  replies.reset();
  client.reset();
}

TEST(AsyncClient, BoundsWhatWaitsUnread) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    peer.line();
    const std::string big = processing("1", std::string(std::size_t{1} << 19, 'x'));
    for (int count = 0; count < 40; ++count) peer.send(big);
    peer.send(ok("1") + ok("2", "second"));
  });
  Loop loop;
  std::optional<Client> client;
  std::optional<Replies> unread;
  Seen seen;
  loop.start(connect_then(server.path(), {}, client, [&] {
    loop.start(send_only(*client, unread, [&] { loop.start(ask_on(*client, "b.b", seen)); }));
  }));
  loop.io.run();
  ASSERT_EQ(seen, (Seen{"second", "end"}));
  Seen rest;
  loop.io.restart();
  loop.start(read_all(*std::move(unread), rest));
  loop.io.run();
  ASSERT_FALSE(rest.empty());
  EXPECT_LE(rest.size(), 17U);
  EXPECT_NE(rest.back().find("read every Replies"), std::string::npos);
}

Task<void> send_large(Client& client, Seen& seen) {
  uds::Json args = uds::Json::object();
  args["text"] = std::string(1'000'000, 'x');
  Request request("echo", std::move(args));
  Replies replies = co_await client.send(std::move(request));
  seen.emplace_back("sent");
  co_await read_all(std::move(replies), seen);
}

TEST(AsyncClient, SendsLargeRequestsOneBehindTheOther) {
  StubServer server([](StubConnection& peer) {
    const std::string first = peer.line();
    const std::string second = peer.line();
    EXPECT_EQ(first.size(), second.size());
    EXPECT_GT(first.size(), 1'000'000U);
    peer.send(ok("2") + ok("1"));
    peer.read_to_end();
  });
  Loop loop;
  std::optional<Client> client;
  Seen first;
  Seen second;
  loop.start(connect_then(server.path(), {}, client, [&] {
    loop.start(send_large(*client, first));
    loop.start(send_large(*client, second));
  }));
  loop.io.run();
  EXPECT_EQ(first, (Seen{"sent", "done", "end"}));
  EXPECT_EQ(second, (Seen{"sent", "done", "end"}));
  client.reset();
}

TEST(AsyncClient, MayDieWithItsLoopWhileWaiting) {
  StubServer server([](StubConnection& peer) { peer.read_to_end(); });
  Seen seen;
  {
    Loop loop;
    loop.start(ask(server.path(), {}, seen));
    for (int turns = 0; turns < 5; ++turns) loop.io.poll();
  }
  EXPECT_TRUE(seen.empty());
}

}  // namespace
