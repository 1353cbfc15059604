// What systemd passes at start, and what it is told: over real sockets, with a reader, without one,
// with a slow one.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "support.hpp"
#include "systemd.hpp"

namespace {

/// The receiving end of a NOTIFY_SOCKET. `address` may start with '@'.
class Manager {
 public:
  explicit Manager(const std::string& address)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, address.data(), address.size());
    if (address.front() == '@') name.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0)
      ADD_FAILURE() << "bind";
  }

  /// The next message, or an empty string.
  [[nodiscard]] std::string take() const {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return size < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
  }

 private:
  uds::Fd socket_;
};

class Handover : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

  static void clear() {
    for (const char* name : kNames) ::unsetenv(name);
  }
  static void expect_clean_environment() {
    for (const char* name : kNames) EXPECT_EQ(::getenv(name), nullptr) << name;
  }
  static void pass(const std::string& pid, const std::string& count) {
    ::setenv("LISTEN_PID", pid.c_str(), 1);
    ::setenv("LISTEN_FDS", count.c_str(), 1);
    ::setenv("LISTEN_FDNAMES", "control", 1);
    ::setenv("WATCHDOG_USEC", "1", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
  }

  static constexpr std::array<const char*, 6> kNames{"LISTEN_PID",     "LISTEN_FDS",
                                                     "LISTEN_FDNAMES", "NOTIFY_SOCKET",
                                                     "WATCHDOG_USEC",  "WATCHDOG_PID"};
  const std::string me_ = std::to_string(::getpid());
};

TEST_F(Handover, WithoutSystemdThereIsNothing) {
  const auto handover = udsd::take_handover();
  ASSERT_TRUE(handover);
  EXPECT_FALSE(handover->socket);
  EXPECT_TRUE(handover->notifier.ready("x"));
}

TEST_F(Handover, VariablesForAnotherProcessAreIgnoredAndRemoved) {
  pass("1", "1");
  const auto handover = udsd::take_handover();
  ASSERT_TRUE(handover);
  EXPECT_FALSE(handover->socket);
  expect_clean_environment();
}

TEST_F(Handover, AWatchdogMeantForThisProcessIsHeeded) {
  ::setenv("WATCHDOG_USEC", "3000000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  const auto foreign = udsd::take_handover();
  ASSERT_TRUE(foreign);
  EXPECT_FALSE(foreign->notifier.watchdog_interval());

  ::setenv("WATCHDOG_USEC", "3000000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const auto own = udsd::take_handover();
  ASSERT_TRUE(own);
  EXPECT_EQ(own->notifier.watchdog_interval(), std::chrono::microseconds(3'000'000'000));
  EXPECT_EQ(::getenv("WATCHDOG_USEC"), nullptr);

  ::setenv("WATCHDOG_USEC", "soon", 1);
  EXPECT_FALSE(udsd::take_handover());
}

TEST_F(Handover, NoSocketIsNothing) {
  pass(me_, "0");
  const auto handover = udsd::take_handover();
  ASSERT_TRUE(handover);
  EXPECT_FALSE(handover->socket);
}

TEST_F(Handover, MoreThanOneSocketIsRefused) {
  pass(me_, "2");
  const auto handover = udsd::take_handover();
  ASSERT_FALSE(handover);
  EXPECT_TRUE(handover.error().is(uds::Errc::BadDescriptor));
  EXPECT_NE(handover.error().message().find("passed 2 sockets"), std::string::npos);
  expect_clean_environment();
}

TEST_F(Handover, NonsenseIsRefused) {
  for (const char* count : {"", "-1", "1x", "one", "99999999999"}) {
    pass(me_, count);
    EXPECT_FALSE(udsd::take_handover()) << count;
  }
  pass("me", "1");
  EXPECT_FALSE(udsd::take_handover());
}

TEST(Notifier, TellsAManagerAtAPath) {
  const uds_test::TempDir directory;
  const std::string path = directory.path() + "/notify";
  const Manager manager(path);
  const udsd::Notifier notifier(path);
  EXPECT_TRUE(notifier.ready("serving /x"));
  EXPECT_EQ(manager.take(), "READY=1\nSTATUS=serving /x");
  EXPECT_TRUE(notifier.reloading());
  EXPECT_TRUE(manager.take().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(notifier.stopping("draining"));
  EXPECT_EQ(manager.take(), "STOPPING=1\nSTATUS=draining");
}

TEST(Notifier, TellsAManagerAtAnAbstractName) {
  const std::string name = "@uds-test-" + std::to_string(::getpid());
  const Manager manager(name);
  EXPECT_TRUE(udsd::Notifier(name).stopping("x"));
  EXPECT_EQ(manager.take(), "STOPPING=1\nSTATUS=x");
}

TEST(Notifier, DoesNotWaitForAManagerThatDoesNotRead) {
  const uds_test::TempDir directory;
  const std::string path = directory.path() + "/notify";
  const Manager manager(path);
  const udsd::Notifier notifier(path);
  bool taken = true;
  for (int message = 0; message < 100'000 && taken; ++message) taken = notifier.ready("x");
  EXPECT_FALSE(taken);
}

TEST(Notifier, SurvivesAManagerThatIsGone) {
  EXPECT_FALSE(udsd::Notifier("/nonexistent/notify").ready("x"));
  EXPECT_FALSE(udsd::Notifier("/" + std::string(200, 'x')).ready("x"));
}

}  // namespace
