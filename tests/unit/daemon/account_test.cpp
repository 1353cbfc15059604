// The account that a run has: its groups are those that there is the right to give.
#include "shared/account.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace udsd {
namespace {

Declaration with_group(gid_t group) {
  Declaration out(ExecTemplate::make({{{*ExecTemplate::Element::parse("/bin/x")}, false}}).value());
  out.run_as.group = group;
  return out;
}

TEST(TargetAccount, AGroupReplacesTheUsersOwn) {
  const auto account = target_account(with_group(27), 0, {true, 0, 0});
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->uid, 0U);
  EXPECT_EQ(account->gid, 27U);
  EXPECT_EQ(account->groups, std::vector<gid_t>{27});
}

TEST(TargetAccount, WithoutTheRightToChangeThemGroupsStay) {
  const auto account = target_account(with_group(27), 0, {false, 0, 1'000});
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->gid, ::getegid());
  std::vector<gid_t> own(static_cast<std::size_t>(::getgroups(0, nullptr)));
  ASSERT_GE(::getgroups(static_cast<int>(own.size()), own.data()), 0);
  own.push_back(::getegid());
  for (const gid_t gid : own) EXPECT_TRUE(std::ranges::binary_search(account->groups, gid)) << gid;
  for (const gid_t gid : account->groups) EXPECT_NE(std::ranges::find(own, gid), own.end()) << gid;
}

TEST(TargetAccount, NobodyWithoutAnEntryIsOne) {
  EXPECT_FALSE(target_account(with_group(27), 4'000'000'001U, {true, 0, 0}));
}

}  // namespace
}  // namespace udsd
