// The ledger of uds-load: what it counts, and that it misses no breach of the protocol.
#include "load_ledger.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using uds_load::Ledger;
using uds_load::Tally;
using Counts = Tally::Counts;
using namespace std::chrono_literals;

std::string reply(int id, const std::string& status, int seq) {
  return R"({"id":)" + std::to_string(id) + R"(,"status":")" + status +
         R"(","message":"m","seq":)" + std::to_string(seq) + "}";
}

std::string error(const std::string& id, const std::string& code, const std::string& seq) {
  return R"({"id":)" + id + R"(,"status":"ERROR","message":"m")" + seq + R"(,"error":{"code":")" +
         code + R"("}})";
}

class LoadLedger : public testing::Test {
 protected:
  void send(int count) {
    for (int i = 0; i < count; ++i) ledger_.sent(Ledger::Time());
  }
  void receive(const std::string& text) { ledger_.received(text, Ledger::Time(5ms)); }
  void expect_violation(const std::string& words) {
    ASSERT_EQ(tally_.violations(), 1U);
    EXPECT_EQ(tally_.told().front(), "connection 7: " + words);
  }

  Tally tally_;
  Ledger ledger_{tally_, 7};
};

TEST_F(LoadLedger, InterleavedRequestsAreClean) {
  send(3);
  receive(reply(2, "PROCESSING", 1));
  receive(reply(1, "PROCESSING", 1));
  receive(reply(2, "PROCESSING", 2));
  receive(reply(2, "OK", 3));
  EXPECT_EQ(ledger_.in_flight(), 2U);
  receive(error("3", "cancelled", R"(,"seq":1)"));
  receive(reply(1, "OK", 2));
  EXPECT_TRUE(tally_.clean());
  EXPECT_EQ(tally_.requests, 3U);
  EXPECT_EQ(tally_.ok, 2U);
  EXPECT_EQ(tally_.errors, (Counts{{"cancelled", 1}}));
  EXPECT_EQ(tally_.processing, 3U);
  EXPECT_EQ(tally_.latency_us(0.5), 5000U);
  EXPECT_EQ(ledger_.in_flight(), 0U);
}

TEST_F(LoadLedger, TellsAGap) {
  send(1);
  receive(reply(1, "PROCESSING", 1));
  receive(reply(1, "OK", 3));
  expect_violation("request 1: seq 3 after 1");
}

TEST_F(LoadLedger, TellsAnotherOrder) {
  send(1);
  receive(reply(1, "PROCESSING", 2));
  receive(reply(1, "PROCESSING", 1));
  EXPECT_EQ(tally_.violations(), 2U);
}

TEST_F(LoadLedger, TellsARepetition) {
  send(1);
  receive(reply(1, "PROCESSING", 1));
  receive(reply(1, "PROCESSING", 1));
  expect_violation("request 1: seq 1 after 1");
}

TEST_F(LoadLedger, TellsASecondFinal) {
  send(1);
  receive(reply(1, "OK", 1));
  receive(reply(1, "OK", 2));
  expect_violation("request 1: a response after the final one");
  EXPECT_EQ(tally_.ok, 1U);
}

TEST_F(LoadLedger, TellsAForeignId) {
  send(1);
  receive(reply(2, "OK", 1));
  expect_violation("request 2: no such request was sent");
}

TEST_F(LoadLedger, TellsWhatIsNoResponse) {
  receive("\x1b[31m");
  expect_violation("not a response: ?[31m");
}

TEST_F(LoadLedger, CountsResponsesToNoRequestApart) {
  receive(error("null", "busy", ""));
  EXPECT_TRUE(tally_.clean());
  EXPECT_EQ(tally_.unattributed, (Counts{{"busy", 1}}));
  receive(R"({"id":null,"status":"OK","message":"m"})");
  EXPECT_EQ(tally_.violations(), 1U);
}

TEST_F(LoadLedger, ExpectedCloseMayLeaveWhatWasNotRead) {
  send(3);
  receive(reply(1, "OK", 1));
  ledger_.closed("eof", 0, true);
  EXPECT_TRUE(tally_.clean());
  EXPECT_EQ(tally_.closed, (Counts{{"eof", 1}}));
  EXPECT_EQ(tally_.lost.at("eof").unread, 2U);
  EXPECT_EQ(ledger_.in_flight(), 0U);
}

TEST_F(LoadLedger, ExpectedCloseMayNotLeaveWhatWasStarted) {
  send(1);
  receive(reply(1, "PROCESSING", 1));
  ledger_.closed("eof", 0, true);
  expect_violation("request 1: closed (eof) after PROCESSING and before a final response");
  EXPECT_EQ(tally_.lost.at("eof").started, 1U);
}

TEST_F(LoadLedger, ExpectedCloseMayNotLeaveWhatWasReadBeforeAnother) {
  send(3);
  receive(reply(2, "OK", 1));
  ledger_.closed("reset", 0, true);
  expect_violation("request 1: closed (reset) without an answer, though a later request has one");
  EXPECT_EQ(tally_.lost.at("reset").read, 1U);
  EXPECT_EQ(tally_.lost.at("reset").unread, 1U);
}

TEST_F(LoadLedger, CloseIsNamedByTheAnswerBeforeIt) {
  send(1);
  receive(error("null", "busy", ""));
  ledger_.closed("reset", 0, true);
  EXPECT_EQ(tally_.closed, (Counts{{"busy", 1}}));
  EXPECT_EQ(tally_.lost.at("busy").unread, 1U);
}

TEST_F(LoadLedger, TellsACloseThatIsNotExpected) {
  send(2);
  ledger_.closed("eof", 0, false);
  expect_violation("closed (eof) with 2 requests unanswered");
  EXPECT_EQ(tally_.lost.at("eof").unread, 2U);
}

TEST_F(LoadLedger, TellsAResponseThatIsCutOff) {
  ledger_.closed("eof", 12, true);
  expect_violation("closed (eof) within a response, after 12 bytes of it");
  EXPECT_EQ(tally_.cut, 1U);
}

TEST_F(LoadLedger, TellsWhatIsNeverAnswered) {
  send(2);
  receive(reply(1, "OK", 1));
  ledger_.abandoned();
  expect_violation("request 2: no final response, and the connection is open");
  EXPECT_EQ(tally_.open, 1U);
}

TEST(LoadTally, KeepsTheFirstTwentyViolationsAndCountsAll) {
  Tally tally;
  for (int i = 0; i < 50; ++i) tally.violation(std::to_string(i));
  EXPECT_EQ(tally.violations(), 50U);
  ASSERT_EQ(tally.told().size(), 20U);
  EXPECT_EQ(tally.told().back(), "19");
}

TEST(LoadTally, ShareOfLatencies) {
  Tally tally;
  EXPECT_EQ(tally.latency_us(0.99), 0U);
  for (int i = 1000; i >= 1; --i) tally.add_latency(std::chrono::microseconds(i));
  EXPECT_EQ(tally.latency_us(0), 1U);
  EXPECT_EQ(tally.latency_us(0.5), 500U);
  EXPECT_EQ(tally.latency_us(0.99), 990U);
  EXPECT_EQ(tally.latency_us(0.999), 999U);
  EXPECT_EQ(tally.latency_us(1), 1000U);
}

}  // namespace
