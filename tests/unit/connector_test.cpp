// Connector on real sockets: each way a connection can be refused has its own code, and nobody
// untrusted gets a byte.
#include "connector.hpp"

#include "stub_server.hpp"
#include "support.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using uds::Errc;
using uds::detail::Connector;

constexpr uid_t kNobodysUid = 65534;

/// The result of one attempt: "connected", "full", or the error's message; `code` holds the error.
uds::Result<bool> try_once(const std::string& path, std::vector<uid_t> trusted = {}) {
  auto connector = Connector::open(path, 5s, std::move(trusted));
  if (!connector) return connector.error();
  return connector->attempt();
}

bool fails_with(const std::string& path, Errc code, const std::string& part) {
  const auto result = try_once(path);
  if (result) return false;
  EXPECT_NE(result.error().message().find(part), std::string::npos) << result.error().message();
  return result.error().is(code);
}

/// Runs `body` in a child that has become `uid`; true if it returned true there.
bool as_user(uid_t uid, const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::setgid(uid) == 0 && ::setuid(uid) == 0 && body() ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class ConnectorTest : public testing::Test {
 protected:
  uds_test::TempDir directory;
  std::string path = directory.path() + "/s.sock";
};

TEST_F(ConnectorTest, ConnectsNonBlockingAndCloseOnExec) {
  const uds::Fd listener = uds_test::listen_at(path);
  auto connector = Connector::open(path, 5s, {});
  ASSERT_TRUE(connector);
  const auto connected = connector->attempt();
  ASSERT_TRUE(connected);
  EXPECT_TRUE(*connected);
  const uds::Fd socket = connector->take();
  EXPECT_NE(::fcntl(socket.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ConnectorTest, RefusesPathsThatCannotBeRight) {
  EXPECT_TRUE(fails_with("", Errc::BadPath, "empty"));
  EXPECT_TRUE(fails_with("relative.sock", Errc::BadPath, "relative"));
  EXPECT_TRUE(fails_with("@abstract", Errc::BadPath, "abstract"));
  EXPECT_TRUE(fails_with(std::string("/tmp/a\0b", 8), Errc::BadPath, "NUL"));
  EXPECT_TRUE(fails_with("/" + std::string(107, 'x'), Errc::PathTooLong, "108 bytes"));
  EXPECT_TRUE(fails_with("/" + std::string(106, 'x'), Errc::NoDaemon, "no socket"));
}

TEST_F(ConnectorTest, NamesEveryKindOfNobodyThere) {
  EXPECT_TRUE(fails_with(path, Errc::NoDaemon, path));
  EXPECT_TRUE(fails_with("/dev/null/s.sock", Errc::NoDaemon, "/dev/null/s.sock"));

  {
    const uds::Fd dead = uds_test::listen_at(path);
  }
  EXPECT_TRUE(fails_with(path, Errc::ConnectionRefused, "nobody listens"));

  const std::string file = directory.path() + "/file";
  std::ofstream(file) << "text";
  EXPECT_TRUE(fails_with(file, Errc::ConnectionRefused, "a regular file"));
  EXPECT_TRUE(fails_with(directory.path(), Errc::ConnectionRefused, "a directory"));

  const std::string datagram = directory.path() + "/dgram";
  const uds::Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, datagram.data(), datagram.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(fails_with(datagram, Errc::ConnectionRefused, "another kind"));
}

TEST_F(ConnectorTest, TriesAgainWhileTheBacklogIsFull) {
  const uds::Fd listener = uds_test::listen_at(path, 0);
  std::vector<uds::Fd> waiting;
  for (;;) {
    auto connector = Connector::open(path, 5s, {});
    ASSERT_TRUE(connector);
    const auto connected = connector->attempt();
    ASSERT_TRUE(connected);
    if (!*connected) {
      EXPECT_GE(connector->pause(), 1ms);
      EXPECT_LE(connector->pause(), 50ms);
      const uds::Fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      const auto again = connector->attempt();
      ASSERT_TRUE(again);
      EXPECT_TRUE(*again);
      break;
    }
    waiting.push_back(connector->take());
    ASSERT_LT(waiting.size(), 10U) << "the backlog is never full";
  }
}

TEST_F(ConnectorTest, GivesUpWhenTheBacklogStaysFull) {
  const uds::Fd listener = uds_test::listen_at(path, 0);
  std::vector<uds::Fd> waiting;
  for (int count = 0; count < 10; ++count) {
    auto connector = Connector::open(path, 0ms, {});
    ASSERT_TRUE(connector);
    const auto connected = connector->attempt();
    if (!connected) {
      EXPECT_TRUE(connected.error().is(Errc::ServerBusy));
      EXPECT_EQ(connector->pause(), 0ms);
      return;
    }
    waiting.push_back(connector->take());
  }
  FAIL() << "the backlog is never full";
}

TEST_F(ConnectorTest, TellsDeniedFromMissing) {
  if (!uds_test::should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  const uds::Fd listener = uds_test::listen_at(path);
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_TRUE(as_user(kNobodysUid,
                      [&] { return fails_with(path, Errc::AccessDenied, "you may not open"); }));
}

TEST_F(ConnectorTest, RefusesAFakeServerBeforeAByteIsSent) {
  if (!uds_test::should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  ASSERT_EQ(::chown(directory.path().c_str(), kNobodysUid, kNobodysUid), 0);
  const pid_t fake = ::fork();
  if (fake == 0) {
    if (::setgid(kNobodysUid) != 0 || ::setuid(kNobodysUid) != 0) ::_exit(2);
    const uds::Fd listener = uds_test::listen_at(path);
    const std::string ready = directory.path() + "/ready";
    ::close(::open(ready.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    char byte = 0;
    const uds::Fd first(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const bool silent = ::recv(first.get(), &byte, 1, 0) == 0;
    const uds::Fd second(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ::_exit(silent && second ? 0 : 1);
  }
  for (int tries = 0; ::access((directory.path() + "/ready").c_str(), F_OK) != 0; ++tries) {
    ASSERT_LT(tries, 2000) << "the fake server never came up";
    ::poll(nullptr, 0, 10);
  }
  EXPECT_TRUE(fails_with(path, Errc::UntrustedServer, "uid 65534"));
  const auto trusted = try_once(path, {kNobodysUid});
  EXPECT_TRUE(trusted && *trusted);
  int status = 0;
  ASSERT_EQ(::waitpid(fake, &status, 0), fake);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "a byte reached the fake server";
}

}  // namespace
