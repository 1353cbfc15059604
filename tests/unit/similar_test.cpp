// Which names are near enough to be meant, and in which order.
#include "uds/similar.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace {

using Names = std::vector<std::string_view>;

const Names kNames{"ping", "pong", "countdown", "echo"};

TEST(Similar, TheNearestComeFirst) {
  EXPECT_EQ(uds::similar_names("pung", {"pong", "ping", "pung"}, 3),
            (Names{"pung", "ping", "pong"}));
  EXPECT_EQ(uds::similar_names("countdwon", kNames, 3), Names{"countdown"});
  EXPECT_EQ(uds::similar_names("pnig", kNames, 3), (Names{"ping", "pong"}));
}

TEST(Similar, WhatIsFarIsNotMeant) {
  EXPECT_EQ(uds::similar_names("restart", kNames, 3), Names{});
  EXPECT_EQ(uds::similar_names("ping", {}, 3), Names{});
}

TEST(Similar, NoMoreThanAskedFor) {
  EXPECT_EQ(uds::similar_names("pin", kNames, 1), Names{"ping"});
}

}  // namespace
