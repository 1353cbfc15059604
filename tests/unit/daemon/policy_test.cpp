// Who may run and watch a declared command, and by which rule.
#include "declared/policy.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using uds::Peer;
using udsd::Declaration;

const Peer kDeploy(1'000, 1'000, 1, {});
const Peer kWeb(1'001, 1'001, 1, {27});
const Peer kOther(1'002, 1'002, 1, {100});
const Peer kNobody(65'534, 27, 1, {27});
const Peer kNoUid(static_cast<uid_t>(-1), 27, 1, {27});

Declaration allowing_nobody() {
  using udsd::ExecTemplate;
  Declaration out(ExecTemplate::make({{{*ExecTemplate::Element::parse("/bin/x")}, false}}).value());
  return out;
}

/// user deploy and group webops; group 100 may watch.
Declaration with_rules(bool admins) {
  Declaration out = allowing_nobody();
  out.allow.user(1'000).group(27);
  out.watch.group(100);
  out.names.users = {{1'000, "deploy"}};
  out.names.groups = {{27, "webops"}};
  out.admins = admins;
  return out;
}

TEST(Policy, NamesTheRuleThatAllows) {
  const Declaration rules = with_rules(true);
  EXPECT_TRUE(decide(rules, kDeploy, true).allowed);
  EXPECT_EQ(decide(rules, kDeploy, true).rule, "user deploy");
  EXPECT_EQ(decide(rules, kWeb, false).rule, "group webops");
  EXPECT_TRUE(decide(rules, kOther, true).allowed);
  EXPECT_EQ(decide(rules, kOther, true).rule, "admin");
}

TEST(Policy, SaysWhatIsLacking) {
  EXPECT_FALSE(decide(with_rules(true), kOther, false).allowed);
  EXPECT_EQ(decide(with_rules(true), kOther, false).rule,
            "needs user deploy, group webops or admin");
  EXPECT_EQ(decide(with_rules(false), kOther, false).rule, "needs user deploy or group webops");
}

TEST(Policy, AdministratorsPassOnlyWhereItSaysSo) {
  EXPECT_FALSE(decide(with_rules(false), kOther, true).allowed);
  EXPECT_TRUE(decide(with_rules(true), kOther, true).allowed);
  EXPECT_TRUE(decide(allowing_nobody(), kOther, true).allowed) << "nobody is named";
  EXPECT_EQ(decide(allowing_nobody(), kOther, false).rule, "needs admin");
}

TEST(Policy, ARunHasTheRightsThatThereAreToGive) {
  Declaration declared = allowing_nobody();
  declared.name = "web.restart";
  const udsd::DeclarationRules of_system{true, 500, 0};
  const udsd::DeclarationRules of_user{false, 0, 1'000};
  EXPECT_EQ(target_uid(declared, 1'001, of_user).value(), 1'000U) << "the instance's own";
  declared.run_as.user = "web";
  declared.run_as.uid = 33;
  EXPECT_EQ(target_uid(declared, 1'001, of_system).value(), 33U);
  EXPECT_NE(target_uid(declared, 1'001, of_user).error().find("the rights of uid 1000 only"),
            std::string::npos);
  declared.run_as.caller = true;
  EXPECT_EQ(target_uid(declared, 1'001, of_system).value(), 1'001U);
  EXPECT_EQ(target_uid(declared, 1'000, of_user).value(), 1'000U);
  EXPECT_FALSE(target_uid(declared, 1'001, of_user));
  EXPECT_FALSE(target_uid(declared, 500, of_system)) << "udsd itself";
  EXPECT_FALSE(target_uid(declared, 65'534, of_system));
}

TEST(Policy, NobodyInParticularMayDoNothing) {
  for (const Peer& peer : {kNobody, kNoUid})
    for (const bool admin : {false, true}) {
      Declaration open = with_rules(true);
      open.allow.user(peer.uid);
      EXPECT_FALSE(decide(open, peer, admin).allowed);
      EXPECT_FALSE(may_watch(open, peer, admin).allowed);
    }
}

TEST(Policy, WatchersAndAdministratorsWatch) {
  const Declaration rules = with_rules(false);
  EXPECT_EQ(may_watch(rules, kOther, false).rule, "group 100");
  EXPECT_TRUE(may_watch(rules, kOther, false).allowed);
  EXPECT_FALSE(decide(rules, kOther, false).allowed) << "watching is no running";
  EXPECT_FALSE(may_watch(rules, kWeb, false).allowed) << "running is no watching of others";
  EXPECT_TRUE(may_watch(rules, kWeb, true).allowed);
  EXPECT_EQ(may_watch(allowing_nobody(), kWeb, false).rule, "needs admin");
}

TEST(Policy, TheTableOfCommandsDecidesAlike) {
  for (const Declaration& rules : {allowing_nobody(), with_rules(false), with_rules(true)})
    for (const Peer& peer : {kDeploy, kWeb, kOther})
      for (const bool admin : {false, true})
        EXPECT_EQ(access_of(rules).allows(peer, admin), decide(rules, peer, admin).allowed);
}

}  // namespace
