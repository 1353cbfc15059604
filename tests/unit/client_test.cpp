// BlockingClient and call() against servers that behave, misbehave, and vanish. Every failure has
// its own code.
#include "uds/client.hpp"

#include "stub_server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using uds::BlockingClient;
using uds::Errc;
using uds::Request;
using uds_test::ok;
using uds_test::processing;
using uds_test::StubConnection;
using uds_test::StubServer;

/// The final message, or the name of what went wrong.
std::string outcome(const uds::Result<uds::Response>& response) {
  if (response) return response->message();
  for (const auto& [code, name] :
       {std::pair{Errc::Deadline, "deadline"}, std::pair{Errc::Interrupted, "interrupted"},
        std::pair{Errc::ConnectionLost, "lost"}, std::pair{Errc::BadReply, "bad reply"}})
    if (response.error().is(code)) return name;
  return response.error().message();
}

std::string outcome_of_call(const StubServer& server, uds::ClientOptions options = {}) {
  return outcome(uds::call(server.path(), Request("ping"), {}, std::move(options)));
}

BlockingClient connected(const StubServer& server, uds::ClientOptions options = {}) {
  return *BlockingClient::connect(server.path(), std::move(options));
}

TEST(Client, DeliversProcessingAndThenTheFinal) {
  StubServer server([](StubConnection& peer) {
    EXPECT_EQ(peer.line(), R"({"id":1,"cmd":"ping"})");
    peer.send(processing("1", "one") + processing("1", "two") + ok("1", "end"));
  });
  std::vector<std::string> seen;
  const auto last = uds::call(server.path(), Request("ping"),
                              [&](const auto& each) { seen.push_back(each.message()); });
  EXPECT_EQ(outcome(last), "end");
  EXPECT_EQ(seen, (std::vector<std::string>{"one", "two"}));
}

TEST(Client, AsksSeveralTimesOnOneConnection) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    peer.send(ok("1", "first") + ok("1", "a second final"));
    peer.line();
    peer.send(ok("2", "second"));
    peer.line();
    peer.send(ok("\"mine\"", "third"));
  });
  BlockingClient client = connected(server, uds::ClientOptions().with_call_timeout(20s));
  ASSERT_TRUE(client.send(Request("a.b")));
  EXPECT_EQ(outcome(client.next()), "first");
  ASSERT_TRUE(client.send(Request("a.b")));
  EXPECT_EQ(outcome(client.next()), "second")
      << "the second final of the first request must be skipped";
  ASSERT_TRUE(client.send(Request("a.b").with_id(std::string("mine"))));
  EXPECT_EQ(outcome(client.next()), "third");
}

TEST(Client, DeliversAnswersOfAnyLength) {
  // Around the sizes of single reads, and shorter ones after longer ones.
  const std::vector<std::size_t> lengths{1, 4'000, 4'096, 5'000, 65'536, 70'000, 300'000, 1};
  StubServer server([&](StubConnection& peer) {
    for (std::size_t index = 0; index < lengths.size(); ++index) {
      peer.line();
      peer.send(ok(std::to_string(index + 1), std::string(lengths[index], 'x')));
    }
  });
  BlockingClient client = connected(server, uds::ClientOptions().with_call_timeout(20s));
  for (const std::size_t length : lengths) {
    ASSERT_TRUE(client.send(Request("a.b")));
    EXPECT_EQ(outcome(client.next()).size(), length);
  }
}

TEST(Client, GivesAnErrorResponseAsAValue) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    peer.send(
        R"({"id":1,"status":"ERROR","message":"no","error":{"code":"not_found","retryable":false}})"s +
        "\n");
  });
  const auto last = uds::call(server.path(), Request("ping"));
  ASSERT_TRUE(last);
  EXPECT_EQ(last->code(), "not_found");
}

TEST(Client, TakesAnErrorWithoutIdForItsOwn) {
  StubServer server([](StubConnection& peer) {
    peer.send(
        R"({"id":null,"status":"ERROR","message":"busy","error":{"code":"busy","retryable":true}})"s +
        "\0"s);
    peer.close();
  });
  EXPECT_EQ(outcome_of_call(server), "busy");
}

TEST(Client, ReportsGarbage) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  EXPECT_EQ(outcome_of_call(server), "bad reply");
}

TEST(Client, ReportsAResponseOfAGigabyteEarly) {
  std::size_t sent = 0;
  {
    StubServer server([&](StubConnection& peer) {
      peer.line();
      const std::string piece(std::size_t{1} << 20, 'x');
      while (sent < std::size_t{1} << 30 && peer.send(piece)) sent += piece.size();
    });
    EXPECT_EQ(outcome_of_call(server), "bad reply");
  }
  EXPECT_LT(sent, std::size_t{64} << 20);
}

TEST(Client, SkipsForeignIdsUntilItsDeadline) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    peer.send(ok("2") + ok("\"1\"") + processing("null"));
    peer.read_to_end();
  });
  EXPECT_EQ(outcome_of_call(server, uds::ClientOptions().with_call_timeout(50ms)), "deadline");
}

TEST(Client, EndsProcessingForEverAtItsDeadline) {
  StubServer server([](StubConnection& peer) {
    peer.line();
    while (peer.send(processing("1"))) {
    }
  });
  EXPECT_EQ(outcome_of_call(server, uds::ClientOptions().with_call_timeout(50ms)), "deadline");
}

TEST(Client, EndsSilenceAndTrickleAtItsDeadline) {
  StubServer silent([](StubConnection& peer) {
    peer.line();
    peer.read_to_end();
  });
  EXPECT_EQ(outcome_of_call(silent, uds::ClientOptions().with_call_timeout(50ms)), "deadline");
  // Each read succeeds long before the deadline, and none may move it.
  StubServer trickle([](StubConnection& peer) {
    peer.line();
    peer.send(processing("1") + R"({"id":1,"status":"OK","message":")");
    while (peer.send("x")) std::this_thread::sleep_for(5ms);
  });
  EXPECT_EQ(outcome_of_call(trickle, uds::ClientOptions().with_call_timeout(100ms)), "deadline");
}

TEST(Client, WaitsNoTimeWhereThereIsNone) {
  std::promise<void> answered;
  StubServer server([&](StubConnection& peer) {
    peer.line();
    peer.send(ok("1"));
    answered.set_value();
    peer.line();
  });
  auto client =
      uds::BlockingClient::connect(server.path(), uds::ClientOptions().with_call_timeout(0ms));
  ASSERT_TRUE(client);
  ASSERT_TRUE(client->send(uds::Request("ping")));
  answered.get_future().wait();
  const auto reply = client->next();  // the answer is there, but it came too late
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().is(Errc::Deadline));
}

TEST(Client, ReportsAnEndBeforeTheFinal) {
  StubServer before([](StubConnection& peer) {
    peer.line();
    peer.send(processing("1"));
  });
  EXPECT_EQ(outcome_of_call(before), "lost");
  StubServer inside([](StubConnection& peer) {
    peer.line();
    peer.send(ok("1").substr(0, 20));
  });
  EXPECT_EQ(outcome_of_call(inside), "lost");
}

TEST(Client, ReadsTheAnswerOfAServerThatClosedBeforeTakingTheRequest) {
  std::promise<void> closed;
  StubServer server([&](StubConnection& peer) {
    peer.send(
        R"({"id":null,"status":"ERROR","message":"too many","error":{"code":"busy","retryable":true}})"s +
        "\0"s);
    peer.close();
    closed.set_value();
  });
  BlockingClient client = connected(server);
  closed.get_future().wait();
  ASSERT_TRUE(client.send(Request("ping"))) << "EPIPE is not reported before what was answered";
  EXPECT_EQ(outcome(client.next()), "too many");
  ASSERT_TRUE(client.send(Request("ping")));
  EXPECT_EQ(outcome(client.next()), "lost");
}

TEST(Client, ReadsTheAnswerToARequestThatWasRefusedHalfWay) {
  StubServer server([](StubConnection& peer) {
    peer.send(
        R"({"id":null,"status":"ERROR","message":"too large","error":{"code":"too_large","retryable":false}})"s +
        "\0"s);
    peer.close();
  });
  uds::Json args = uds::Json::object();
  args["text"] = std::string(std::size_t{8} << 20, 'x');
  EXPECT_EQ(outcome(uds::call(server.path(), Request("echo", std::move(args)))), "too large");
}

TEST(Client, SendsALargeRequestToASlowReader) {
  std::promise<std::size_t> size;
  StubServer server([&](StubConnection& peer) {
    size.set_value(peer.line().size());
    peer.send(ok("1"));
  });
  uds::Json args = uds::Json::object();
  args["text"] = std::string(1'000'000, 'x');
  EXPECT_EQ(outcome(uds::call(server.path(), Request("echo", std::move(args)))), "done");
  EXPECT_GT(size.get_future().get(), 1'000'000U);
}

TEST(Client, EndsASendAtItsDeadline) {
  std::promise<void> over;
  StubServer server([&, done = over.get_future().share()](StubConnection&) { done.wait(); });
  BlockingClient client = connected(server, uds::ClientOptions().with_call_timeout(50ms));
  uds::Json args = uds::Json::object();
  args["text"] = std::string(std::size_t{8} << 20, 'x');
  const auto sent = client.send(Request("echo", std::move(args)));
  over.set_value();
  ASSERT_FALSE(sent);
  EXPECT_TRUE(sent.error().is(Errc::Deadline));
  EXPECT_EQ(outcome(client.next()), "lost") << "a failure ends the connection";
}

TEST(Client, IsInterruptedCancelsAndStillGetsTheFinal) {
  StubServer server([](StubConnection& peer) {
    EXPECT_EQ(peer.line(), R"({"id":1,"cmd":"ping"})");
    peer.send(processing("1"));
    const std::string cancel = peer.line();
    EXPECT_NE(cancel.find(R"("cmd":"cancel")"), std::string::npos) << cancel;
    EXPECT_NE(cancel.find(R"("args":{"id":1})"), std::string::npos) << cancel;
    peer.send(ok("2", "told") + ok("1", "cancelled"));
  });
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  uds::Fd read_end(ends[0]);
  uds::Fd write_end(ends[1]);
  BlockingClient client = connected(server, uds::ClientOptions().with_call_timeout(20s));
  client.interrupt_on(read_end.get());
  ASSERT_TRUE(client.send(Request("ping")));
  ASSERT_EQ(outcome(client.next()), "working");
  ASSERT_EQ(::write(write_end.get(), "", 1), 1);
  EXPECT_EQ(outcome(client.next()), "interrupted");
  char byte = 0;
  ASSERT_EQ(::read(read_end.get(), &byte, 1), 1);
  ASSERT_TRUE(client.cancel());
  EXPECT_EQ(outcome(client.next()), "cancelled");
}

TEST(Client, HalfClosesForServersThatReadToTheEnd) {
  StubServer server([](StubConnection& peer) {
    EXPECT_EQ(peer.read_to_end(), R"({"id":"request","message":"please"})");
    peer.send(R"({"id":"processing","status":"PROCESSING","message":"wait"})"s + "\0"s);
    peer.send(R"({"id":"response","status":"OK","message":"Roger that"})"s + "\0"s);
  });
  BlockingClient client = connected(server, uds::ClientOptions().with_half_close());
  ASSERT_TRUE(client.send_text(R"({"id":"request","message":"please"})", {}));
  EXPECT_EQ(outcome(client.next()), "wait");
  EXPECT_EQ(client.last_text(), R"({"id":"processing","status":"PROCESSING","message":"wait"})");
  EXPECT_EQ(outcome(client.next()), "Roger that");
  EXPECT_FALSE(client.cancel());
  EXPECT_FALSE(client.send(Request("ping"))) << "one request per half-closed connection";
}

TEST(Client, RefusesTextThatWouldForgeARequest) {
  StubServer server([](StubConnection& peer) { EXPECT_EQ(peer.read_to_end(), ""); });
  BlockingClient client = connected(server);
  for (const std::string& text : {"{}\n{}"s, "{}\0"s}) {
    const auto sent = client.send_text(text, {});
    ASSERT_FALSE(sent);
    EXPECT_TRUE(sent.error().is(Errc::NotARequest));
  }
}

TEST(Client, WaitsForAFullBacklogUntilTheConnectTimeout) {
  uds_test::TempDir directory;
  const std::string path = directory.path() + "/full.sock";
  const uds::Fd listener = uds_test::listen_at(path, 0);
  std::vector<BlockingClient> waiting;
  for (int count = 0; count < 10; ++count) {
    auto client = BlockingClient::connect(path, uds::ClientOptions().with_connect_timeout(60ms));
    if (!client) {
      EXPECT_TRUE(client.error().is(Errc::ServerBusy)) << client.error().message();
      return;
    }
    waiting.push_back(*std::move(client));
  }
  FAIL() << "the backlog is never full";
}

TEST(Client, ConnectingCanBeInterrupted) {
  const uds_test::TempDir directory;
  const std::string path = directory.path() + "/full.sock";
  const uds::Fd listener = uds_test::listen_at(path, 0);
  const uds::Fd first(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::connect(first.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const uds::Fd read_end(ends[0]);
  uds::Fd(ends[1]).reset();  // its end is readable at once
  const auto client = BlockingClient::connect(
      path, uds::ClientOptions().with_connect_timeout(1h).with_interrupt(read_end.get()));
  ASSERT_FALSE(client);
  EXPECT_TRUE(client.error().is(Errc::Interrupted)) << client.error().message();
}

}  // namespace
