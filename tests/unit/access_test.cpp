// Who may run what: rules over uid and groups.
#include "uds/access.hpp"

#include <gtest/gtest.h>

namespace {

using uds::Access;
using uds::Peer;
using uds::Principals;

const Peer kAlice(1000, 1000, 1, {27, 100});
const Peer kNobody(65'534, 65'534, 1, {});
const Peer kNoUid(static_cast<uid_t>(-1), 27, 1, {27});

TEST(Access, UsersAndGroupsAreAlternatives) {
  EXPECT_TRUE(Principals().user(1000).contains(kAlice));
  EXPECT_TRUE(Principals().user(5).group(100).contains(kAlice));
  EXPECT_TRUE(Principals().group(1000).contains(kAlice)) << "the primary group counts";
  EXPECT_FALSE(Principals().user(100).group(28).contains(kAlice));
  EXPECT_FALSE(Principals().contains(kAlice)) << "an empty rule matches nobody";
}

TEST(Access, NobodyInParticularMatchesNoRule) {
  EXPECT_FALSE(Principals().user(65'534).group(65'534).contains(kNobody));
  EXPECT_FALSE(Principals().user(static_cast<uid_t>(-1)).group(27).contains(kNoUid));
}

TEST(Access, AdministratorsPassEveryRule) {
  for (const Access& rule : {Access::everyone(), Access::admins(), Access::only(Principals())}) {
    EXPECT_TRUE(rule.allows(kAlice, true));
  }
  EXPECT_TRUE(Access::everyone().allows(kNobody, false));
  EXPECT_FALSE(Access::admins().allows(kAlice, false));
  EXPECT_TRUE(Access::only(Principals().group(27)).allows(kAlice, false));
  EXPECT_FALSE(Access::only(Principals().group(27)).allows(kNobody, false));
}

TEST(Access, ExactlyThoseLetsNoAdministratorPass) {
  const Access rule = Access::exactly(Principals().group(27));
  EXPECT_TRUE(rule.allows(kAlice, false));
  EXPECT_TRUE(rule.allows(kAlice, true));
  EXPECT_FALSE(rule.allows(Peer(1001, 1001, 1, {}), true));
  EXPECT_FALSE(Access::exactly({}).allows(kAlice, true));
}

TEST(Access, SaysItsRule) {
  EXPECT_EQ(Access::everyone().to_string(), "everyone");
  EXPECT_EQ(Access::admins().to_string(), "admin");
  EXPECT_EQ(Access::only(Principals().user(7).group(27).group(28)).to_string(),
            "admin, users 7, groups 27 28");
  EXPECT_EQ(Access::exactly(Principals().user(7)).to_string(), "users 7");
  EXPECT_EQ(Access::exactly({}).to_string(), "nobody");
}

}  // namespace
