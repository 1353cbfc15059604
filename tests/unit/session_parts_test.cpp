// The pure parts of a session: rules, numbering, the write queue, deadlines.
#include <gtest/gtest.h>

#include <string>

#include "deadline_queue.hpp"
#include "log_limiter.hpp"
#include "session_rules.hpp"
#include "write_queue.hpp"

namespace {

using uds::Framing;
using uds::RequestId;
using uds::Response;
using uds::detail::DeadlineQueue;
using uds::detail::ResponseSequence;
using uds::detail::SessionRules;
using uds::detail::WriteQueue;
using Verdict = SessionRules::Verdict;

TEST(ResponseSequence, NumbersWithoutGapsAndEndsWithOneFinal) {
  const RequestId id(std::int64_t{7});
  ResponseSequence responses(id);
  EXPECT_EQ(responses.id(), id);
  const Response partial = Response::processing("x");
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(responses.number(partial), i);
  const Response final = Response::ok();
  EXPECT_EQ(responses.number(final), 4U);
  EXPECT_EQ(responses.number(final), 0U);
  responses.take_back();
  EXPECT_EQ(responses.number(final), 4U);
}

TEST(SessionRules, IdsInFlightAreUniqueAndLimited) {
  SessionRules rules(2);
  const RequestId one(std::int64_t{1});
  const RequestId text(std::string("1"));
  const RequestId none;
  EXPECT_EQ(rules.judge(one), Verdict::Accept);
  EXPECT_FALSE(rules.in_use(one));
  rules.begin(one);
  EXPECT_TRUE(rules.in_use(one));
  EXPECT_EQ(rules.judge(none), Verdict::Accept);
  EXPECT_EQ(rules.judge(one), Verdict::DuplicateId);
  EXPECT_EQ(rules.judge(text), Verdict::Accept) << "1 and \"1\" differ";
  rules.begin(none);
  EXPECT_EQ(rules.judge(text), Verdict::Busy);
  EXPECT_EQ(rules.judge(one), Verdict::DuplicateId) << "says more than busy";
  rules.end(one);
  EXPECT_EQ(rules.judge(one), Verdict::Accept);
  rules.end(none);
  EXPECT_EQ(rules.in_flight(), 0U);
}

TEST(SessionRules, DrainingRefusesWhatIsNew) {
  SessionRules rules(2);
  rules.drain();
  EXPECT_EQ(rules.judge(RequestId()), Verdict::ShuttingDown);
}

TEST(WriteQueue, KeepsOrderAcrossPartialSends) {
  WriteQueue queue(10);
  std::string expected;
  std::string sent;
  for (int i = 0; i < 1000; ++i) {
    queue.append_text("line " + std::to_string(i), i % 2 == 0 ? Framing::Lf : Framing::Nul);
    expected += "line " + std::to_string(i) + (i % 2 == 0 ? '\n' : '\0');
    const std::string_view pending = queue.pending().substr(0, 5);
    sent += pending;
    queue.consume(pending.size());
    EXPECT_FALSE(queue.empty());
  }
  EXPECT_TRUE(queue.above_high_water());
  sent += queue.pending();
  queue.consume(queue.pending().size());
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(sent, expected);
}

TEST(WriteQueue, HighWaterCountsWhatIsUnsent) {
  WriteQueue queue(4);
  queue.append_text("abc", Framing::Lf);
  EXPECT_FALSE(queue.above_high_water());
  queue.append_text("d", Framing::Lf);
  EXPECT_TRUE(queue.above_high_water());
  queue.consume(2);
  EXPECT_FALSE(queue.above_high_water());
  queue.clear();
  EXPECT_TRUE(queue.empty());
}

TEST(WriteQueue, UndecidedFramingEndsInNul) {
  WriteQueue queue(4);
  queue.append_text("x", Framing::Undecided);
  EXPECT_EQ(queue.pending(), std::string_view("x\0", 2));
}

TEST(DeadlineQueue, FiresInOrderWhatIsDue) {
  DeadlineQueue queue;
  const DeadlineQueue::Clock::time_point start;
  std::string fired;
  EXPECT_FALSE(queue.next());
  queue.add(start + std::chrono::seconds(3), [&] { fired += "c"; });
  const auto removed = queue.add(start + std::chrono::seconds(1), [&] { fired += "x"; });
  queue.add(start + std::chrono::seconds(2), [&] { fired += "b"; });
  queue.add(start + std::chrono::seconds(1), [&] { fired += "a"; });
  EXPECT_EQ(queue.next(), start + std::chrono::seconds(1));
  queue.remove(removed);
  queue.remove(removed);
  queue.expire(start + std::chrono::seconds(2));
  EXPECT_EQ(fired, "ab");
  EXPECT_EQ(queue.next(), start + std::chrono::seconds(3));
}

TEST(DeadlineQueue, FiredFunctionsMayChangeTheQueue) {
  DeadlineQueue queue;
  const DeadlineQueue::Clock::time_point start;
  int fired = 0;
  DeadlineQueue::Token other;
  queue.add(start, [&] {
    ++fired;
    queue.remove(other);
    queue.add(start + std::chrono::seconds(1), [&] { ++fired; });
  });
  other = queue.add(start, [&] { fired += 100; });
  queue.expire(start);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(queue.next(), start + std::chrono::seconds(1));
}

TEST(LogLimiter, WritesTheFirstOfAKindAndCountsTheRest) {
  uds::detail::LogLimiter limiter;
  int written = 0;
  for (int i = 0; i < 1'000'000; ++i) written += limiter.admit(1000, "bad_frame") ? 1 : 0;
  written += limiter.admit(1000, "busy") ? 1 : 0;
  written += limiter.admit(1001, "bad_frame") ? 1 : 0;
  EXPECT_EQ(written, 3);
  const auto held_back = limiter.end_period();
  ASSERT_EQ(held_back.size(), 1U);
  EXPECT_EQ(held_back[0].uid, 1000U);
  EXPECT_EQ(held_back[0].kind, "bad_frame");
  EXPECT_EQ(held_back[0].count, 999'999U);
}

TEST(LogLimiter, AFloodThatGoesOnIsOnlyCounted) {
  uds::detail::LogLimiter limiter;
  EXPECT_TRUE(limiter.admit(1000, "busy"));
  EXPECT_FALSE(limiter.admit(1000, "busy"));
  EXPECT_EQ(limiter.end_period().size(), 1U);
  EXPECT_FALSE(limiter.admit(1000, "busy"));
  EXPECT_EQ(limiter.end_period().size(), 1U);
  EXPECT_TRUE(limiter.end_period().empty());  // a quiet period: the kind begins anew
  EXPECT_TRUE(limiter.empty());
  EXPECT_TRUE(limiter.admit(1000, "busy"));
}

TEST(LogLimiter, ManyUsersShareOneEntryInTheEnd) {
  uds::detail::LogLimiter limiter;
  std::size_t written = 0;
  for (uid_t uid = 0; uid < 100'000; ++uid) written += limiter.admit(uid, "busy") ? 1U : 0U;
  EXPECT_EQ(written, uds::detail::LogLimiter::kMost + 1);
}

}  // namespace
