// How often a command may be started: in all and by one user, in each stretch of time that is as
// long as the period.
#include "runs/start_log.hpp"

#include <gtest/gtest.h>

namespace udsd {
namespace {

using namespace std::chrono_literals;

class StartLogTest : public testing::Test {
 protected:
  /// Whether `caller` may start one at `second`; then it is started.
  bool start(uid_t caller, int second) {
    if (wait(caller, second)) return false;
    log_.add(caller, at(second));
    return true;
  }
  std::optional<std::chrono::milliseconds> wait(uid_t caller, int second) {
    return log_.wait(rate_, caller, at(second));
  }

  Rate rate_;
  StartLog log_;

 private:
  static StartLog::Clock::time_point at(int second) {
    return StartLog::Clock::time_point(std::chrono::seconds(1'000 + second));
  }
};

TEST_F(StartLogTest, WithoutBoundsEverybodyMay) {
  rate_.per = 10s;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(start(1, 0));
}

TEST_F(StartLogTest, ATotalHoldsForAll) {
  rate_ = {2, 0, 10s};
  EXPECT_TRUE(start(1, 0));
  EXPECT_TRUE(start(2, 3));
  EXPECT_EQ(wait(3, 4), 6s) << "until the first is forgotten";
  EXPECT_FALSE(start(3, 9));
  EXPECT_TRUE(start(3, 10));
  EXPECT_EQ(wait(1, 10), 3s);
}

TEST_F(StartLogTest, AUserHasABoundOfItsOwn) {
  rate_ = {0, 1, 10s};
  EXPECT_TRUE(start(1, 0));
  EXPECT_TRUE(start(2, 4));
  EXPECT_EQ(wait(1, 5), 5s);
  EXPECT_EQ(wait(2, 5), 9s);
}

TEST_F(StartLogTest, TheLaterOfBothIsWaitedFor) {
  rate_ = {3, 2, 10s};
  EXPECT_TRUE(start(2, 0));
  EXPECT_TRUE(start(1, 1));
  EXPECT_TRUE(start(1, 5));
  EXPECT_EQ(wait(2, 6), 4s) << "the total";
  EXPECT_EQ(wait(1, 6), 5s) << "the user's own bound";
}

}  // namespace
}  // namespace udsd
