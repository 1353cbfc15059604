// Responses: the exact bytes that go out, and what is understood when they come in, from original
// servers too.
#include <gtest/gtest.h>

#include <string>

#include "uds/message.hpp"

namespace {

using namespace std::string_literals;

std::string text_of(const uds::Response& response) {
  std::string out;
  response.append_to(out);
  return out;
}

uds::Json object(const char* key, uds::Json value) {
  uds::Json result = uds::Json::object();
  result[key] = std::move(value);
  return result;
}

TEST(Response, BytesOnTheWireAndBack) {
  struct Case {
    uds::Response response;
    uds::RequestId id;
    std::uint64_t seq;
    std::string text;
  };
  const Case cases[] = {
      {uds::Response::ok(), 1, 1, R"({"id":1,"status":"OK","message":"OK","seq":1})"},
      {uds::Response::ok("pong", nullptr), "1"s, 2,
       R"({"id":"1","status":"OK","message":"pong","seq":2})"},
      {uds::Response::ok(object("b", 1)), -5, 18446744073709551615U,
       R"({"id":-5,"status":"OK","message":"OK","seq":18446744073709551615,"data":{"b":1}})"},
      {uds::Response::ok("", false),
       {},
       0,
       R"({"id":null,"status":"OK","message":"","data":false})"},
      {uds::Response::processing("line\n\"\\\t\x01 \xC3\xA9", uds::Json::array()),
       {},
       3,
       R"({"id":null,"status":"PROCESSING","message":"line\n\"\\\t\u0001 )"
       "\xC3\xA9"
       R"(","seq":3,"data":[]})"},
      {uds::Response::progress(3, 10, "steps"), 1, 1,
       R"({"id":1,"status":"PROCESSING","message":"3 of 10 steps","seq":1,)"
       R"("progress":{"current":3,"total":10,"unit":"steps"}})"},
      {uds::Response::progress(3, std::nullopt, "", "working"), 1, 1,
       R"({"id":1,"status":"PROCESSING","message":"working","seq":1,)"
       R"("progress":{"current":3,"total":null,"unit":""}})"},
      {uds::Response::output(uds::Output::Stream::Stdout, "a\n"), 1, 4,
       R"({"id":1,"status":"PROCESSING","message":"stdout","seq":4,)"
       R"("output":{"stream":"stdout","text":"a\n"}})"},
      {uds::Response::output(uds::Output::Stream::Stderr, "\xFF\x00"s)
           .with_data(object("event", 2)),
       1, 5,
       R"({"id":1,"status":"PROCESSING","message":"stderr","seq":5,)"
       R"("output":{"stream":"stderr","base64":"/wA="},"data":{"event":2}})"},
      {uds::Response::error(uds::Code::Busy, "Try later.", object("limit", "connections")),
       {},
       0,
       R"({"id":null,"status":"ERROR","message":"Try later.",)"
       R"("error":{"code":"busy","limit":"connections","retryable":true}})"},
  };
  for (const auto& [response, id, seq, text] : cases) {
    std::string written;
    response.append_to(written, id, seq);
    EXPECT_EQ(written, text);
    const auto back = uds::Response::parse(text);
    ASSERT_TRUE(back) << text << ": " << back.error();
    EXPECT_EQ(text_of(*back), text);
    EXPECT_EQ(back->status(), response.status());
    EXPECT_EQ(back->message(), response.message());
    EXPECT_EQ(back->id(), id);
    EXPECT_EQ(back->seq(), seq);
    EXPECT_EQ(back->data(), response.data());
    EXPECT_EQ(back->progress(), response.progress());
    EXPECT_EQ(back->output(), response.output());
    EXPECT_EQ(back->error(), response.error());
    EXPECT_EQ(back->code(), response.code());
  }
}

TEST(Response, ProgressMakesUpItsMessage) {
  EXPECT_EQ(uds::Response::progress(1, std::nullopt, "").message(), "1");
  EXPECT_EQ(uds::Response::progress(1, std::nullopt, "files").message(), "1 files");
  EXPECT_EQ(uds::Response::progress(-1, 2, "").message(), "-1 of 2");
}

TEST(Response, EveryCodeHasItsNameAndItsRetryable) {
  struct Case {
    uds::Code code;
    const char* name;
    bool retryable;
  };
  const Case cases[] = {
      {uds::Code::BadFrame, "bad_frame", false},
      {uds::Code::TooLarge, "too_large", false},
      {uds::Code::BadRequest, "bad_request", false},
      {uds::Code::UnknownCommand, "unknown_command", false},
      {uds::Code::InvalidArgs, "invalid_args", false},
      {uds::Code::PermissionDenied, "permission_denied", false},
      {uds::Code::DuplicateId, "duplicate_id", false},
      {uds::Code::NotFound, "not_found", false},
      {uds::Code::Busy, "busy", true},
      {uds::Code::DeadlineExceeded, "deadline_exceeded", false},
      {uds::Code::Cancelled, "cancelled", false},
      {uds::Code::ShuttingDown, "shutting_down", true},
      {uds::Code::CommandFailed, "command_failed", false},
      {uds::Code::OutputLimit, "output_limit", false},
      {uds::Code::Internal, "internal", false},
  };
  for (const auto& [code, name, retryable] : cases) {
    EXPECT_EQ(uds::to_string(code), name);
    auto response = uds::Response::error(code, "m");
    EXPECT_EQ(response.code(), name);
    EXPECT_EQ(response.error().at("retryable"), retryable) << name;
    response.with_retryable(!retryable);
    EXPECT_EQ(response.error().at("retryable"), !retryable) << name;
    EXPECT_TRUE(response.final());
  }
}

TEST(Response, DetailsCannotReplaceCodeOrRetryable) {
  uds::Json details = object("code", "ok");
  details["retryable"] = "yes";
  details["field"] = "cmd";
  const auto response = uds::Response::error(uds::Code::BadRequest, "m", details);
  EXPECT_EQ(uds::to_json_text(response.error()),
            R"({"code":"bad_request","field":"cmd","retryable":false})");
}

TEST(Response, RetryableBelongsToErrorsOnly) {
  auto response = uds::Response::ok();
  response.with_retryable(true);
  EXPECT_TRUE(response.error().is_null());
  EXPECT_EQ(response.code(), "");
}

TEST(Response, OnlyOkAndErrorAreFinal) {
  EXPECT_TRUE(uds::Response::ok().final());
  EXPECT_FALSE(uds::Response::processing("p").final());
  EXPECT_FALSE(uds::Response::progress(1, 2, "").final());
}

TEST(Response, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  const std::string text = text_of(uds::Response::ok("a\xFF", uds::Json("b\xC3")));
  EXPECT_EQ(
      text,
      "{\"id\":null,\"status\":\"OK\",\"message\":\"a\xEF\xBF\xBD\",\"data\":\"b\xEF\xBF\xBD\"}");
}

TEST(Response, OriginalServersAreUnderstood) {
  const std::string step =
      R"({"id":"processing","status":"PROCESSING","message":"Processing request 1"})";
  ASSERT_EQ(step.size(), 74U);
  const auto processing = uds::Response::parse(step);
  ASSERT_TRUE(processing);
  EXPECT_FALSE(processing->final());
  EXPECT_EQ(processing->id(), uds::RequestId("processing"s));
  EXPECT_EQ(processing->seq(), 0U);
  EXPECT_TRUE(processing->data().is_null());
  EXPECT_EQ(text_of(*processing), step);

  const auto ok = uds::Response::parse(R"({"id":"response","status":"OK","message":"Roger that"})");
  ASSERT_TRUE(ok);
  EXPECT_EQ(ok->status(), uds::Status::Ok);
  EXPECT_EQ(ok->message(), "Roger that");

  const auto error = uds::Response::parse(R"({"id":"what","status":"ERROR","message":"No"})");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->status(), uds::Status::Error);
  EXPECT_EQ(error->code(), "");
}

TEST(Response, AbsentNullAndUnknownFieldsAreTolerated) {
  for (const char* text :
       {R"({"status":"OK","message":"m"})", R"({"id":null,"status":"OK","message":"m"})",
        R"({"status":"OK","message":"m","seq":null,"data":null,"progress":null,"error":null})",
        R"({"status":"OK","message":"m","output":null,"new":[1]})",
        R"({"status":"OK","message":"m","error":"not an error's business"})"}) {
    const auto response = uds::Response::parse(text);
    ASSERT_TRUE(response) << text << ": " << response.error();
    EXPECT_EQ(text_of(*response), R"({"id":null,"status":"OK","message":"m"})");
  }
  const auto newer = uds::Response::parse(
      R"({"status":"ERROR","message":"m","error":{"code":"brand_new","retryable":true,"more":1}})");
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->code(), "brand_new");
}

TEST(Response, WhatIsNoResponseIsRefused) {
  for (
      const char* text : {
          "",
          "garbage",
          "[]",
          "{}",
          R"({"status":"OK"})",
          R"({"message":"m"})",
          R"({"status":"ok","message":"m"})",
          R"({"status":"DONE","message":"m"})",
          R"({"status":1,"message":"m"})",
          R"({"status":"OK","message":1})",
          R"({"status":"OK","status":"ERROR","message":"m"})",
          R"({"id":[],"status":"OK","message":"m"})",
          R"({"id":1.5,"status":"OK","message":"m"})",
          R"({"status":"OK","message":"m","seq":0})",
          R"({"status":"OK","message":"m","seq":-1})",
          R"({"status":"OK","message":"m","seq":"1"})",
          R"({"status":"PROCESSING","message":"m","progress":1})",
          R"({"status":"PROCESSING","message":"m","progress":{}})",
          R"({"status":"PROCESSING","message":"m","progress":{"current":"1","unit":""}})",
          R"({"status":"PROCESSING","message":"m","progress":{"current":1,"total":"2","unit":""}})",
          R"({"status":"PROCESSING","message":"m","progress":{"current":9223372036854775808,"unit":""}})",
          R"({"status":"PROCESSING","message":"m","progress":{"current":1,"total":18446744073709551615,"unit":""}})",
          R"({"status":"ERROR","message":"m","error":"x"})",
          R"({"status":"ERROR","message":"m","error":{}})",
          R"({"status":"ERROR","message":"m","error":{"code":1}})",
          R"({"status":"ERROR","message":"m","error":{"code":"x","retryable":1}})",
      }) {
    const auto response = uds::Response::parse(text);
    ASSERT_FALSE(response) << text;
    EXPECT_FALSE(response.error().empty());
  }
}

TEST(Response, AZeroIsAResultAndNullIsNone) {
  EXPECT_EQ(uds::Response::ok("removed", 0).data(), 0);
  EXPECT_TRUE(uds::Response::ok("removed", nullptr).data().is_null());
}

}  // namespace
