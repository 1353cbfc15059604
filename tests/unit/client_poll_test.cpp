// BlockingClient within a poll(2) loop: several requests in flight, and nothing that waits.
#include "uds/client.hpp"

#include "stub_server.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <string>
#include <vector>

namespace {

using uds::BlockingClient;
using uds::Errc;
using uds_test::ok;
using uds_test::processing;
using uds_test::StubConnection;
using uds_test::StubServer;

BlockingClient polled(const StubServer& server) {
  return *BlockingClient::connect(server.path());
}

/// Waits until `client` has something to read or room to send.
void wait_for(const BlockingClient& client) {
  pollfd entry{client.native_handle(),
               static_cast<short>(client.has_unsent() ? POLLIN | POLLOUT : POLLIN), 0};
  ASSERT_EQ(::poll(&entry, 1, uds_test::kStubDeadlineMs), 1);
}

TEST(ClientInAPollLoop, HasSeveralRequestsInFlight) {
  StubServer server([](StubConnection& peer) {
    EXPECT_EQ(peer.line(), R"({"id":1,"cmd":"a.b"})");
    EXPECT_EQ(peer.line(), R"({"id":2,"cmd":"a.b"})");
    peer.send(processing("2", "half") + ok("2", "second") + ok("1", "first"));
    peer.read_to_end();
  });
  BlockingClient client = polled(server);
  ASSERT_TRUE(client.post_text(R"({"id":1,"cmd":"a.b"})"));
  ASSERT_TRUE(client.post_text(R"({"id":2,"cmd":"a.b"})"));
  std::vector<std::string> seen;
  while (seen.size() < 3) {
    wait_for(client);
    for (;;) {
      const auto response = client.poll();
      ASSERT_TRUE(response) << response.error().message();
      if (!*response) break;
      seen.push_back((*response)->message());
      EXPECT_NE(client.last_text().find(seen.back()), std::string_view::npos);
    }
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"half", "second", "first"}));
}

TEST(ClientInAPollLoop, SendsWhatTheSocketDoesNotTakeLater) {
  const std::string line =
      R"({"id":1,"cmd":"a.b","args":{"x":")" + std::string(4'000'000, 'x') + R"("}})";
  std::promise<void> posted;
  StubServer server([&](StubConnection& peer) {
    posted.get_future().wait();
    EXPECT_EQ(peer.line(), line);
    peer.send(ok("1", "end"));
  });
  BlockingClient client = polled(server);
  ASSERT_TRUE(client.post_text(line));
  EXPECT_TRUE(client.has_unsent());
  posted.set_value();
  for (;;) {
    wait_for(client);
    const auto response = client.poll();
    ASSERT_TRUE(response) << response.error().message();
    if (!*response) continue;
    EXPECT_EQ((*response)->message(), "end");
    break;
  }
  EXPECT_FALSE(client.has_unsent());
}

TEST(ClientInAPollLoop, KnowsTheEndOfTheConnection) {
  StubServer server([](StubConnection& peer) { peer.send(ok("1", "end")); });
  BlockingClient client = polled(server);
  EXPECT_TRUE(client.post_text("a\nb").error().is(Errc::NotARequest));
  std::string last;
  for (;;) {
    wait_for(client);
    const auto response = client.poll();
    if (!response) {
      EXPECT_TRUE(response.error().is(Errc::ConnectionLost));
      break;
    }
    if (*response) last = (*response)->message();
  }
  EXPECT_EQ(last, "end");
  EXPECT_EQ(client.native_handle(), -1);
  EXPECT_TRUE(client.post_text("{}").error().is(Errc::ConnectionLost));
  EXPECT_TRUE(client.poll().error().is(Errc::ConnectionLost));
}

}  // namespace
