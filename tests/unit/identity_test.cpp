// Who a caller is: the kernel says so, and a caller of whom it says nothing is refused.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "builtins.hpp"
#include "peer_credentials.hpp"
#include "server_core.hpp"
#include "support.hpp"

namespace {

using uds::detail::peer_credentials;
using uds::detail::peer_uid;
using uds::detail::ServerCore;

TEST(Identity, HasNoDefaultThatCouldMeanRoot) {
  EXPECT_FALSE(std::is_default_constructible_v<uds::Peer>);
}

TEST(Identity, OfWhoeverMadeTheConnection) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const uds::Fd left(ends[0]);
  const uds::Fd right(ends[1]);
  const auto peer = peer_credentials(left.get());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->uid, ::geteuid());
  EXPECT_EQ(peer->gid, ::getegid());
  EXPECT_EQ(peer->pid, ::getpid());
  const auto uid = peer_uid(left.get());
  ASSERT_TRUE(uid);
  EXPECT_EQ(*uid, peer->uid);
}

TEST(Identity, IsAnErrorWhereTheKernelHasNone) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const uds::Fd reader(ends[0]);
  const uds::Fd writer(ends[1]);
  EXPECT_FALSE(peer_credentials(reader.get()));
  EXPECT_FALSE(peer_credentials(-1));
  EXPECT_FALSE(peer_uid(reader.get()));
  EXPECT_FALSE(peer_uid(-1));
}

/// A connection over TCP: its socket answers SO_PEERCRED, with a uid that is nobody's.
struct TcpPair {
  TcpPair() {
    const uds::Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), 1) != 0 ||
        ::getsockname(listener.get(), generic, &size) != 0)
      return;
    client = uds::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(client.get(), generic, size) != 0) return;
    server = uds::Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  }
  uds::Fd client;
  uds::Fd server;
};

TEST(Identity, WithoutOneACallerGetsNoAnswer) {
  TcpPair connection;
  if (!uds_test::should_run(static_cast<bool>(connection.server), "the loopback interface"))
    GTEST_SKIP();
  std::vector<std::string> logged;
  boost::asio::io_context io{1};
  const auto core = std::make_shared<ServerCore>(
      io.get_executor(), uds::Limits(),
      uds::Log(uds::LogLevel::Trace,
               [&](const uds::LogRecord& record) { logged.push_back(record.message); }));
  uds::detail::add_builtins(*core);

  const std::string ping = "{\"cmd\":\"ping\"}\n";
  ASSERT_EQ(::send(connection.client.get(), ping.data(), ping.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(ping.size()));
  core->welcome(std::move(connection.server));
  io.poll();
  EXPECT_EQ(core->connections(), 0U);
  EXPECT_EQ(core->statistics.accepted(), 0U);
  char byte = 0;
  EXPECT_LE(::recv(connection.client.get(), &byte, 1, 0), 0) << "answered all the same";
  ASSERT_EQ(logged.size(), 1U);
  EXPECT_EQ(logged.front().rfind("connection dropped: cannot ask", 0), 0U) << logged.front();
}

}  // namespace
