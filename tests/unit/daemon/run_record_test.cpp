// What is read of a run's files, and the final response that a result becomes.
#include "runs/run_record.hpp"

#include <gtest/gtest.h>

#include <string>

namespace udsd {
namespace {

constexpr const char* kRun = "0123456789abcdef0123";

std::string facts_text() {
  return R"({"run":"0123456789abcdef0123","command":"t.x","caller":{"uid":7,"user":"ann"},)"
         R"("accepted_ms":5,"detach":false,"on_disconnect":"detach","disconnect_grace_ms":250,)"
         R"("idempotent":true,"rule":"user ann"})";
}

std::string result_text(const std::string& members) {
  return std::string(R"({"run":")") + kRun + R"(",)" + members + "}";
}

uds::Response answer(const std::string& members) {
  const auto facts = parse_run_record(facts_text());
  const auto result = parse_run_ending(result_text(members));
  EXPECT_TRUE(facts);
  EXPECT_TRUE(result);
  return final_response(*facts, *result);
}

TEST(RunRecord, AreReadOrRefused) {
  const auto facts = parse_run_record(facts_text());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->run, kRun);
  EXPECT_EQ(facts->command, "t.x");
  EXPECT_EQ(facts->caller, 7U);
  EXPECT_EQ(facts->caller_name, "ann");
  EXPECT_FALSE(facts->kill_on_disconnect);
  EXPECT_EQ(facts->disconnect_grace, std::chrono::milliseconds(250));
  EXPECT_TRUE(facts->idempotent);
  for (const char* text :
       {"", "{", "[]", "{}", R"({"run":"../../etc/passwd"})", R"({"run":"0123456789abcdef0123"})"})
    EXPECT_FALSE(parse_run_record(text)) << text;
}

TEST(RunEnding, WhatIsNoResultIsRefused) {
  EXPECT_FALSE(parse_run_ending(""));
  EXPECT_FALSE(parse_run_ending(result_text(R"("outcome":"exit")")));
  EXPECT_FALSE(parse_run_ending(result_text(R"("started":true)")));
  EXPECT_FALSE(parse_run_ending(R"({"run":"x","started":true,"outcome":"exit"})"));
}

TEST(FinalResponse, ZeroIsOkAndCarriesTheResult) {
  const auto response = answer(R"("started":true,"outcome":"exit","exit":0,"duration_ms":3)");
  EXPECT_EQ(response.status(), uds::Status::Ok);
  EXPECT_EQ(response.data().at("exit"), 0);
  EXPECT_EQ(response.data().at("duration_ms"), 3);
  EXPECT_EQ(response.message().find("discarded"), std::string::npos);
  const auto less = answer(R"("started":true,"outcome":"exit","exit":0,"dropped":9)");
  EXPECT_NE(less.message().find("discarded"), std::string::npos);
}

TEST(FinalResponse, EachOutcomeHasItsCode) {
  struct Case {
    const char* members;
    const char* code;
    bool retryable;
  };
  const Case cases[] = {
      {R"("started":true,"outcome":"exit","exit":3)", "command_failed", false},
      {R"("started":true,"outcome":"signal","signal":9)", "command_failed", false},
      {R"("started":true,"outcome":"timeout","signal":15)", "deadline_exceeded", false},
      {R"("started":true,"outcome":"cancelled","exit":0)", "cancelled", false},
      {R"("started":true,"outcome":"output_limit","signal":15)", "output_limit", false},
      {R"("started":false,"outcome":"not_started","stage":"exec","errno":2)", "command_failed",
       false},
      {R"("started":false,"outcome":"not_started","reason":"udsd left")", "cancelled", true},
      {R"("started":true,"outcome":"lost")", "internal", true},
      {R"("started":true,"outcome":"output_lost","signal":15)", "internal", false},
      {R"("started":false,"outcome":"not_started","stage":"fork","errno":11)", "command_failed",
       true},
  };
  for (const auto& [members, code, retryable] : cases) {
    const auto response = answer(members);
    EXPECT_EQ(response.status(), uds::Status::Error) << members;
    EXPECT_EQ(response.code(), code) << members;
    EXPECT_EQ(response.error().at("retryable"), retryable) << members;
    EXPECT_EQ(response.error().at("run"), kRun);
    EXPECT_TRUE(response.data().is_object());
  }
  EXPECT_EQ(answer(cases[0].members).error().at("exit"), 3);
  EXPECT_EQ(answer(cases[1].members).error().at("signal"), 9);
  EXPECT_EQ(answer(cases[0].members).error().at("started"), true);
  EXPECT_EQ(answer(cases[5].members).error().at("started"), false);
  EXPECT_EQ(answer(cases[7].members).error().at("started"), "unknown");
}

TEST(FinalResponse, SaysOnceWhatHappened) {
  EXPECT_EQ(answer(R"("started":true,"outcome":"timeout","reason":"its time ran out")").message(),
            "the command was ended: its time ran out");
  EXPECT_EQ(answer(R"("started":false,"outcome":"timeout","reason":"its time ran out")").message(),
            "the command was not run: its time ran out");
  EXPECT_EQ(answer(R"("started":false,"outcome":"not_started","stage":"exec","errno":2,)"
                   R"("reason":"the command was not run: x")")
                .message(),
            "the command was not run: x");
}

TEST(Refusal, CodesOfTheProtocolPassAndOthersAreInternal) {
  const auto denied = refusal_response("permission_denied", "no", "needs group webops");
  EXPECT_EQ(denied.code(), "permission_denied");
  EXPECT_EQ(denied.error().at("rule"), "needs group webops");
  EXPECT_EQ(denied.error().at("started"), false);
  EXPECT_EQ(refusal_response("busy", "later", "").error().at("retryable"), true);
  EXPECT_EQ(refusal_response("whatever", "", "").code(), "internal");
}

}  // namespace
}  // namespace udsd
