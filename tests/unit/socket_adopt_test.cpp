// SocketBuilder::adopt: takes the listening socket that was meant, refuses every other descriptor.
#include <gtest/gtest.h>

#include <string>

#include "../support.hpp"
#include "socket_tools.hpp"
#include "uds/socket_builder.hpp"

namespace {

using uds::Errc;
using uds::SocketBuilder;
using namespace uds_test;

class SocketAdoptTest : public ::testing::Test {
 protected:
  // Refused in these words, and closed: the caller has given the descriptor away.
  static void expect_refused(const SocketBuilder& builder, uds::Fd descriptor,
                             const std::string& words) {
    const int number = descriptor.release();
    ASSERT_GE(number, 0) << words;
    const auto result = builder.adopt(number);
    ASSERT_FALSE(result) << words;
    EXPECT_TRUE(result.error().is(Errc::BadDescriptor)) << result.error().message();
    const std::string message = result.error().message();
    EXPECT_EQ(message.find("descriptor " + std::to_string(number) + " " + words), 0U) << message;
    EXPECT_NE(message.find("; "), std::string::npos) << "no remedy in: " << message;
    EXPECT_EQ(::fcntl(number, F_GETFD), -1) << "still open: " << words;
  }

  TempDir directory_;
  std::string path_ = directory_.path() + "/s";
};

TEST_F(SocketAdoptTest, TakesAListeningSocketAndLeavesItsFile) {
  for (const bool blocking : {false, true})
    for (const std::string& expected : {path_, std::string()}) {
      uds::Fd made = raw_socket(path_, 4);
      ASSERT_TRUE(made);
      ASSERT_EQ(::fcntl(made.get(), F_SETFD, 0), 0);
      ASSERT_EQ(::fcntl(made.get(), F_SETFL, blocking ? O_NONBLOCK : 0), 0);
      const int number = made.release();
      auto socket = SocketBuilder(expected).blocking(blocking).permissions(0666).adopt(number);
      ASSERT_TRUE(socket) << socket.error().message();
      EXPECT_EQ(socket->native_handle(), number);
      EXPECT_EQ(socket->path(), path_);
      EXPECT_TRUE(socket->adopted());
      EXPECT_EQ(::fcntl(number, F_GETFD), FD_CLOEXEC);
      EXPECT_EQ((::fcntl(number, F_GETFL) & O_NONBLOCK) == 0, blocking);
      EXPECT_TRUE(connect_to(path_));

      socket->close();
      EXPECT_EQ(::fcntl(number, F_GETFD), -1);
      EXPECT_TRUE(exists(path_)) << "whoever made the socket removes it";
      EXPECT_FALSE(exists(path_ + ".lock"));
      ASSERT_EQ(::unlink(path_.c_str()), 0);
    }
}

TEST_F(SocketAdoptTest, RefusesEveryOtherDescriptor) {
  const SocketBuilder builder(path_);
  write_file(directory_.path() + "/file", "");
  expect_refused(builder,
                 uds::Fd(::open((directory_.path() + "/file").c_str(), O_RDONLY | O_CLOEXEC)),
                 "is a regular file");
  expect_refused(builder, uds::Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
                 "is a character device");
  expect_refused(builder, std::move(Pipe().reader), "is a FIFO");

  expect_refused(builder, raw_socket(path_, -1, SOCK_DGRAM), "is no stream socket");
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  expect_refused(builder, raw_socket(path_, 1, SOCK_SEQPACKET), "is no stream socket");
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  expect_refused(builder, raw_socket(path_), "does not listen");
  ASSERT_EQ(::unlink(path_.c_str()), 0);

  const uds::Fd server = raw_socket(path_, 1);
  expect_refused(builder, connect_to(path_), "does not listen");
  expect_refused(builder, uds::Fd(::accept(server.get(), nullptr, nullptr)), "does not listen");

  uds::Fd inet(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(inet.get(), 1), 0);
  expect_refused(builder, std::move(inet), "is no Unix socket");
}

TEST_F(SocketAdoptTest, RefusesASocketWithAnotherPath) {
  expect_refused(SocketBuilder(path_ + "x"), raw_socket(path_, 1),
                 "is the socket " + path_ + ", not " + path_ + "x");
}

TEST_F(SocketAdoptTest, RefusesADescriptorThatIsNotOpen) {
  const uds::Fd first_free(::fcntl(0, F_DUPFD_CLOEXEC, 200));
  ASSERT_TRUE(first_free);
  for (const int number : {-1, first_free.get() + 1}) {
    const auto result = SocketBuilder(path_).adopt(number);
    ASSERT_FALSE(result);
    EXPECT_EQ(
        result.error().message().find("descriptor " + std::to_string(number) + " is not open"), 0U);
  }
}

TEST_F(SocketAdoptTest, TakesAbstractSocketsOnlyOnRequest) {
  const std::string name = "uds-adopt-" + std::to_string(::getpid());
  expect_refused(SocketBuilder(""), raw_socket('\0' + name, 1), "is the abstract socket @" + name);
  uds::Fd made = raw_socket('\0' + name, 1);
  const auto socket = SocketBuilder("@" + name).allow_abstract(true).adopt(made.release());
  ASSERT_TRUE(socket) << socket.error().message();
  EXPECT_EQ(socket->path(), "@" + name);
}

}  // namespace
