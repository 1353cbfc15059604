// The numbers that scripts rely on, and the durations of the command line.
#include "exit_code.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace {

using namespace std::chrono_literals;
using uds::Code;
using uds::Errc;
using uds::Response;
using udsctl::exit_for;

int status(const Response& response) {
  return static_cast<int>(exit_for(response));
}
int status(const uds::Error& error) {
  return static_cast<int>(exit_for(error));
}

TEST(ExitCode, FollowsTheFinalResponse) {
  EXPECT_EQ(status(Response::ok()), 0);
  EXPECT_EQ(status(Response::error(Code::NotFound, "x")), 2);
  EXPECT_EQ(status(Response::error(Code::Internal, "x")), 2);
  EXPECT_EQ(status(Response::error(Code::PermissionDenied, "x")), 77);
  EXPECT_EQ(status(Response::error(Code::DeadlineExceeded, "x")), 124);
}

TEST(ExitCode, FollowsTheFailure) {
  EXPECT_EQ(status(Errc::BadPath), 64);
  EXPECT_EQ(status(Errc::PathTooLong), 64);
  EXPECT_EQ(status(Errc::NotARequest), 65);
  EXPECT_EQ(status(Errc::NoDaemon), 69);
  EXPECT_EQ(status(Errc::ConnectionRefused), 69);
  EXPECT_EQ(status(Errc::ServerBusy), 69);
  EXPECT_EQ(status(uds::Error::from_errno("x", EIO)), 74);
  EXPECT_EQ(status(Errc::ConnectionLost), 76);
  EXPECT_EQ(status(Errc::BadReply), 76);
  EXPECT_EQ(status(Errc::AccessDenied), 77);
  EXPECT_EQ(status(Errc::UntrustedServer), 77);
  EXPECT_EQ(status(Errc::Deadline), 124);
  EXPECT_EQ(status(Errc::Interrupted), 130);
}

}  // namespace
