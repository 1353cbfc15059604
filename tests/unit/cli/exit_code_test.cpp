// The numbers that scripts rely on, and the durations of the command line.
#include "exit_code.hpp"

#include "duration.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace {

using namespace std::chrono_literals;
using uds::Code;
using uds::Errc;
using uds::Response;
using udsctl::exit_for;
using udsctl::parse_duration;

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

TEST(Duration, IsAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("2147483647ms"), 2'147'483'647ms);
  for (const char* text : {"", "5", "s", "0s", "-1s", "1.5s", "5 s", "5S", "5sec", "2147483648ms",
                           "597h", "99999999999999999999s", "0x5s", "+5s"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
