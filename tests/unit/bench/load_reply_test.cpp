// The scanner of uds-load: what it takes from a response, and what it does not take for one.
#include "load_reply.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using uds_load::scan_reply;
using uds_load::Status;

TEST(LoadReply, TakesIdStatusAndSeq) {
  const auto reply = scan_reply(R"({"id":17,"status":"OK","message":"pong","seq":4})");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->id, 17U);
  EXPECT_EQ(reply->status, Status::Ok);
  EXPECT_EQ(reply->seq, 4U);
  EXPECT_EQ(reply->code, "");
}

TEST(LoadReply, TakesProgress) {
  const auto reply = scan_reply(
      R"({"id":1,"status":"PROCESSING","message":"2","seq":1,"progress":{"current":1}})");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, Status::Processing);
}

TEST(LoadReply, TakesTheCodeOfAnError) {
  const auto reply = scan_reply(
      R"({"id":1,"status":"ERROR","message":"no","seq":1,"error":{"at":[1],"code":"busy","limit":2}})");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->code, "busy");
}

TEST(LoadReply, IsNotMisledByMessageOrData) {
  const auto reply = scan_reply(
      R"({"id":1,"status":"ERROR","message":"\\\",\"seq\":9,\"error\":{\"code\":\"x\"}","seq":2,)"
      R"("data":{"v":1,"error":{"code":"y"}},"error":{"code":"cancelled"}})");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->seq, 2U);
  EXPECT_EQ(reply->code, "cancelled");
}

TEST(LoadReply, KnowsResponsesThatNameNoRequest) {
  const auto reply =
      scan_reply(R"({"id":null,"status":"ERROR","message":"","error":{"code":"bad_frame"}})");
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->id);
  EXPECT_EQ(reply->seq, 0U);
}

TEST(LoadReply, RefusesEverythingElse) {
  for (const std::string text :
       {"", "{}", "pong", R"({"id":1})", R"({"id":"1","status":"OK","message":"pong","seq":1})",
        R"({"id":-1,"status":"OK","message":"pong","seq":1})",
        R"({"id":1,"status":"DONE","message":"pong","seq":1})",
        R"({"id":1,"status":"OK","message":"pong","seq":x})",
        R"({"id":1,"status":"OK","message":"pong)",
        R"({"id":1,"status":"OK","message":"pong","seq":1)",
        R"({"id":1,"status":"OK","message":"pong"]})",
        R"({"id":1,"status":"ERROR","message":"no","seq":1})",
        R"({"id":1,"status":"ERROR","message":"no","seq":1,"error":{}})",
        R"({"status":"OK","id":1,"message":"pong","seq":1})"})
    EXPECT_FALSE(scan_reply(text)) << text;
}

}  // namespace
