// The exit statuses of run, attach and wait, which scripts rely on.
#include "runs/run_exit.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace {

using uds::Code;
using uds::Errc;
using uds::Json;
using uds::Response;

/// Of an ERROR whose `error` has these members, too.
int status_of(Code code, const char* details = "{}") {
  return static_cast<int>(
      udsctl::run_exit(Response::error(code, "so it is", Json::parse(details))));
}
int status_of(const uds::Error& error) {
  return static_cast<int>(udsctl::run_exit(error));
}
int of_run(const char* run) {
  return static_cast<int>(udsctl::exit_of_run(Json::parse(run)));
}

TEST(RunExit, IsTheCommandsOwn) {
  EXPECT_EQ(static_cast<int>(udsctl::run_exit(Response::ok())), 0);
  EXPECT_EQ(status_of(Code::CommandFailed, R"({"exit":1})"), 1);
  EXPECT_EQ(status_of(Code::CommandFailed, R"({"exit":255})"), 255);
  EXPECT_EQ(status_of(Code::CommandFailed, R"({"signal":9})"), 137);
  EXPECT_EQ(status_of(Code::Cancelled, R"({"exit":7})"), 7);
  EXPECT_EQ(status_of(Code::Cancelled, R"({"signal":2})"), 130);
  Response in_data = Response::error(Code::CommandFailed, "x");
  in_data.with_data(Json::parse(R"({"exit":4})"));
  EXPECT_EQ(static_cast<int>(udsctl::run_exit(in_data)), 4);
}

TEST(RunExit, IsNeverZeroForAnError) {
  for (const char* details :
       {"{}", R"({"exit":0})", R"({"exit":256})", R"({"exit":-1})", R"({"exit":"3"})",
        R"({"signal":0})", R"({"signal":128})", R"({"exit":1.5})"})
    EXPECT_EQ(status_of(Code::CommandFailed, details), 125) << details;
  EXPECT_EQ(status_of(Code::Cancelled, R"({"exit":0})"), 125);
}

TEST(RunExit, IsOfUdsWhereTheCommandDidNotDecide) {
  EXPECT_EQ(status_of(Code::DeadlineExceeded, R"({"signal":15})"), 124);
  EXPECT_EQ(status_of(Code::OutputLimit, R"({"signal":15})"), 125);
  EXPECT_EQ(status_of(Code::Internal), 125);
  EXPECT_EQ(status_of(Code::Busy), 125);
  EXPECT_EQ(status_of(Code::InvalidArgs), 125);
  EXPECT_EQ(status_of(Code::NotFound), 125);
  EXPECT_EQ(status_of(Code::PermissionDenied), 126);
  EXPECT_EQ(status_of(Code::UnknownCommand), 127);
  EXPECT_EQ(status_of(Code::CommandFailed, R"({"started":false,"stage":"exec"})"), 126);
  EXPECT_EQ(status_of(Code::CommandFailed, R"({"started":false,"stage":"setresuid"})"), 125);
  EXPECT_EQ(status_of(Code::CommandFailed, R"({"started":true,"stage":"exec"})"), 125);
}

TEST(RunExit, OfAFailureToGetAnAnswer) {
  for (const Errc code : {Errc::BadPath, Errc::NoDaemon, Errc::ConnectionRefused, Errc::ServerBusy,
                          Errc::UntrustedServer, Errc::ConnectionLost, Errc::BadReply})
    EXPECT_EQ(status_of(code), 125) << uds::Error(code).message();
  EXPECT_EQ(status_of(uds::Error::from_errno("x", EIO)), 125);
  EXPECT_EQ(status_of(Errc::AccessDenied), 126);
  EXPECT_EQ(status_of(Errc::Deadline), 124);
  EXPECT_EQ(status_of(Errc::Interrupted), 130);
}

TEST(RunExit, OfARunAsItIsShown) {
  EXPECT_EQ(of_run(R"({"state":"running"})"), 0);
  EXPECT_EQ(of_run(R"({"state":"queued"})"), 0);
  EXPECT_EQ(of_run(R"({"state":"ended","outcome":"exit","exit":0})"), 0);
  EXPECT_EQ(of_run(R"({"state":"ended","outcome":"exit","exit":3})"), 3);
  EXPECT_EQ(of_run(R"({"state":"ended","outcome":"signal","signal":15})"), 143);
  EXPECT_EQ(of_run(R"({"state":"ended","outcome":"timeout","signal":9})"), 124);
  EXPECT_EQ(of_run(R"({"state":"ended","outcome":"cancelled","signal":15})"), 143);
  EXPECT_EQ(of_run(R"({"state":"ended","outcome":"cancelled","exit":0})"), 125);
  EXPECT_EQ(of_run(R"({"state":"ended","outcome":"output_limit","signal":15})"), 125);
  EXPECT_EQ(of_run(R"({"outcome":"not_started","started":false,"stage":"exec"})"), 126);
  EXPECT_EQ(of_run(R"({"outcome":"not_started","started":false,"stage":"chdir"})"), 125);
  EXPECT_EQ(of_run(R"({"state":"lost"})"), 125);
  EXPECT_EQ(of_run("7"), 125);
}

}  // namespace
