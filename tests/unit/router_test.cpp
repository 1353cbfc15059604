// Routing: which handler answers whom, and which error a caller gets instead.
#include "uds/router.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

namespace {

using uds::Access;
using uds::Call;
using uds::Command;
using uds::Json;
using uds::Peer;
using uds::Principals;
using uds::Request;
using uds::Response;
using uds::Router;

const Peer kRoot(0, 0, 1, {});
const Peer kSelf(::geteuid(), 1, 1, {});
const Peer kAlice(1'000'001, 1'000'001, 1, {27});

Response answer(Call&) {
  return Response::ok();
}

struct SampleRouter : Router {
  SampleRouter() {
    add(Command("ping"), answer);
    add(Command("pong"), answer);
    add(Command("t.secret").access(Access::only(Principals().group(4))), answer);
    add(Command("t.args").arg("n", uds::schema::integer().required()), answer);
  }
};

/// The code that `request` is answered with; "ok" where a handler would run.
std::string outcome(const Router& router, Request request, const Peer& peer) {
  const auto routed = router.route(request, peer);
  return routed ? "ok" : std::string(routed.error().code());
}

TEST(Router, FindsTheHandlerOrTheReason) {
  const SampleRouter router;
  EXPECT_EQ(outcome(router, Request("ping"), kAlice), "ok");
  EXPECT_EQ(outcome(router, Request("nothing"), kAlice), "unknown_command");
  EXPECT_EQ(outcome(router, Request("t.args"), kAlice), "invalid_args");
  EXPECT_EQ(outcome(router, Request("t.secret"), kAlice), "permission_denied");
  Request detached("ping");
  detached.detach = true;
  EXPECT_EQ(outcome(router, detached, kAlice), "bad_request");
}

TEST(Router, WhoMayKnowACommandIsDeniedAndOthersFindNone) {
  SampleRouter router;
  router.add(Command("t.declared")
                 .access(Access::exactly(Principals().user(7))
                             .known_to(Principals().group(27))
                             .in_words("user seven")),
             answer);
  EXPECT_EQ(outcome(router, Request("t.declared"), Peer(7, 7, 1, {})), "ok");
  EXPECT_EQ(outcome(router, Request("t.declared"), Peer(8, 8, 1, {})), "unknown_command");
  EXPECT_EQ(outcome(router, Request("t.declared"), kRoot), "permission_denied");
  Request request("t.declared");
  EXPECT_EQ(router.route(request, kAlice).error().error()["rule"], "user seven");
}

TEST(Router, ADetachableCommandMayBeDetached) {
  SampleRouter router;
  router.add(Command("t.long").detachable(), answer);
  Request detached("t.long");
  detached.detach = true;
  EXPECT_EQ(outcome(router, detached, kAlice), "ok");
}

TEST(Router, RemovedCommandsAreGone) {
  SampleRouter router;
  router.add(Command("t.files").descriptors(1, 1), answer);
  EXPECT_TRUE(router.accepts_descriptors(kAlice));
  EXPECT_EQ(outcome(router, Request("t.files"), kAlice), "ok");
  EXPECT_TRUE(router.remove("t.files"));
  EXPECT_EQ(outcome(router, Request("t.files"), kAlice), "unknown_command");
  EXPECT_FALSE(router.accepts_descriptors(kAlice));
  EXPECT_FALSE(router.remove("t.files"));
  router.add(Command("t.files"), answer);
  EXPECT_EQ(outcome(router, Request("t.files"), kAlice), "ok");
}

TEST(Router, HiddenAndUnknownLookAlike) {
  SampleRouter router;
  router.add(Command("t.hidden").access(Access::admins().hide()), answer);
  Request hidden("t.hidden");
  Request unknown("t.hiddem");
  EXPECT_EQ(router.route(hidden, kAlice).error().error(),
            router.route(unknown, kAlice).error().error());
  EXPECT_EQ(router.route(hidden, kAlice).error().message(),
            router.route(unknown, kAlice).error().message());
  EXPECT_EQ(outcome(router, hidden, kAlice), "unknown_command");
  EXPECT_EQ(outcome(router, hidden, kRoot), "ok");
}

TEST(Router, PermissionComesBeforeTheArguments) {
  const SampleRouter router;
  Request request("t.secret", Json::parse(R"({"n":1})"));
  EXPECT_EQ(outcome(router, request, kAlice), "permission_denied");
  EXPECT_EQ(outcome(router, request, kRoot), "invalid_args");
}

TEST(Router, NobodyIsNoAdminEvenOfAServerThatRunsAsNobody) {
  for (const uid_t nobody : {uid_t{65'534}, static_cast<uid_t>(-1)}) {
    Router router;
    router.set_admins(Principals().user(nobody));
    EXPECT_FALSE(router.is_admin(Peer(nobody, 1, 1, {})));
  }
}

TEST(Router, RootTheServersUserAndConfiguredOnesAreAdmins) {
  SampleRouter router;
  EXPECT_TRUE(router.is_admin(kRoot));
  EXPECT_TRUE(router.is_admin(kSelf));
  EXPECT_FALSE(router.is_admin(kAlice));
  router.set_admins(Principals().group(27));
  EXPECT_TRUE(router.is_admin(kAlice));
  EXPECT_EQ(outcome(router, Request("t.secret"), kAlice), "ok");
}

TEST(Router, AccessCanBeReplaced) {
  SampleRouter router;
  EXPECT_TRUE(router.set_access("ping", Access::admins()));
  EXPECT_FALSE(router.set_access("no-such", Access::admins()));
  EXPECT_EQ(outcome(router, Request("ping"), kAlice), "permission_denied");
}

TEST(Router, ListsOnlyWhatTheCallerMayUse) {
  const SampleRouter router;
  std::string names;
  for (const Json& entry : router.list(kAlice)) names += entry["name"].get<std::string>() + " ";
  EXPECT_EQ(names, "ping pong t.args ");
  EXPECT_EQ(router.list(kRoot).size(), 4U);
}

TEST(Router, SuggestsNearNamesTheCallerMayUse) {
  const SampleRouter router;
  EXPECT_EQ(router.unknown("pin", kAlice).error()["did_you_mean"],
            Json::parse(R"(["ping","pong"])"));
  EXPECT_EQ(router.unknown("t.secre", kAlice).error()["did_you_mean"], Json::array());
  EXPECT_EQ(router.unknown("t.secre", kRoot).error()["did_you_mean"],
            Json::parse(R"(["t.secret"])"));
  EXPECT_EQ(router.unknown("zzzzzzzz", kRoot).error()["did_you_mean"], Json::array());
  EXPECT_EQ(router.unknown("Ping", kRoot).error()["did_you_mean"], Json::array())
      << "no name of a command, so near to none";
}

TEST(Router, OneNameOneHandler) {
  SampleRouter router;
  EXPECT_THROW(router.add(Command("ping"), answer), std::invalid_argument);
}

}  // namespace
