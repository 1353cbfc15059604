// What udsctl doctor makes of facts, and how it follows a path to its end.
#include "doctor/diagnosis.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using uds::Json;
using udsctl::Access;
using udsctl::Facts;
using udsctl::Finding;
using udsctl::Place;
using udsctl::Route;
using udsctl::State;

Place place(std::string path, mode_t mode, int error = 0) {
  Place made;
  made.path = std::move(path);
  made.mode = mode;
  made.error = error;
  made.searchable = error == 0;
  return made;
}

/// A way to /run/a.sock on which all is well.
Route good_route() {
  Route route;
  route.directories = {place("/", S_IFDIR | 0755), place("/run", S_IFDIR | 0755)};
  route.end = place("/run/a.sock", S_IFSOCK | 0660);
  route.complete = true;
  return route;
}

Facts facts_of(uds::Result<uds::Response> ping) {
  Facts facts("/run/a.sock", std::move(ping));
  facts.route = good_route();
  facts.access.emplace();
  facts.access->allowed = true;
  return facts;
}

std::string states(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    text += finding.check + "=" + std::string(to_string(finding.state)) + " ";
  return text;
}

bool says(const Finding& finding, const std::string& message, const std::string& fix) {
  return finding.message.find(message) != std::string::npos &&
         finding.fix.find(fix) != std::string::npos;
}

TEST(Diagnosis, JudgesThePathByItsText) {
  EXPECT_EQ(udsctl::check_path("/" + std::string(106, 'x')).state, State::Ok);
  EXPECT_EQ(udsctl::check_path("/" + std::string(107, 'x')).state, State::Failed);
  for (const char* path : {"", "@name", "/run/", "/run/.", "/run/.."})
    EXPECT_EQ(udsctl::check_path(path).state, State::Failed) << path;
}

TEST(Diagnosis, WarnsOfDirectoriesThatEverybodyWritesTo) {
  Route route = good_route();
  route.directories[1].mode = S_IFDIR | 01777;
  EXPECT_EQ(states(udsctl::check_directories("/run/a.sock", route)), "directories=ok ");
  route.directories[1].mode = S_IFDIR | 0777;
  const auto found = udsctl::check_directories("/run/a.sock", route);
  EXPECT_EQ(states(found), "directories=warning ");
  EXPECT_TRUE(says(found[0], "/run", "chmod o-w /run"));
}

TEST(Diagnosis, SaysWhereTheWayEnds) {
  Route route = good_route();
  route.complete = false;
  const auto ends = [&](int error, mode_t mode) {
    route.end = place("/run", mode, error);
    return udsctl::check_directories("/run/a.sock", route).back();
  };
  EXPECT_TRUE(says(ends(EACCES, S_IFDIR | 0700), "may not search /run, mode 0700", "chmod a+x"));
  EXPECT_TRUE(says(ends(ENOTDIR, S_IFREG), "/run is a regular file and no directory", "correct"));
  EXPECT_TRUE(says(ends(ELOOP, S_IFLNK), "circle at /run", "correct"));
  EXPECT_TRUE(says(ends(ENOENT, 0), "no directory /run", "udsd --socket /run/a.sock"));
  EXPECT_TRUE(says(ends(EIO, 0), "cannot look at /run", "correct"));
}

TEST(Diagnosis, SaysWhatStandsAtTheEnd) {
  Route route = good_route();
  const auto stands = [&](mode_t mode, int error) {
    route.end = place("/run/b.sock", mode, error);
    return udsctl::check_socket("/run/a.sock", route);
  };
  EXPECT_EQ(stands(S_IFSOCK, 0).state, State::Ok);
  EXPECT_TRUE(says(stands(S_IFREG, 0), "is a regular file and no socket", "correct"));
  EXPECT_TRUE(says(stands(0, ENOENT), "nothing at /run/a.sock", "udsd --socket /run/a.sock"));
  route.linked = true;
  EXPECT_TRUE(says(stands(0, ENOENT), "a symbolic link to /run/b.sock", "--socket /run/b.sock"));
}

TEST(Diagnosis, SaysHowToBeLetIn) {
  Access access;
  access.mode = 0660;
  access.owner = "udsd";
  access.group = "uds";
  access.caller = "alice";
  EXPECT_TRUE(says(udsctl::check_permission(access), "mode 0660, owner udsd, group uds",
                   "usermod --append --groups uds alice"));
  access.root_group = true;  // nobody is told to join the group of root
  EXPECT_TRUE(says(udsctl::check_permission(access), "may not", "ask who set up the socket"));
  access.root_group = false;
  access.listed = true;
  EXPECT_TRUE(says(udsctl::check_permission(access), "this session", "log in again"));
  access.in_session = true;  // a rule beyond mode and group keeps the caller out
  EXPECT_TRUE(says(udsctl::check_permission(access), "may not", "ask"));
  access.in_session = false;
  access.mode = 0600;
  EXPECT_TRUE(says(udsctl::check_permission(access), "may not", "run udsctl as udsd"));
  access.allowed = true;
  EXPECT_EQ(udsctl::check_permission(access).state, State::Ok);
}

TEST(Diagnosis, TellsADeadSocketFromOneThatIsBeingMade) {
  Facts facts = facts_of(uds::Error(uds::Errc::ConnectionRefused, "nobody listens"));
  EXPECT_TRUE(says(udsctl::check_connection(facts), "nobody listens; the socket was left behind",
                   "udsd --socket /run/a.sock"));
  facts.lock_holder = 42;
  EXPECT_TRUE(says(udsctl::check_connection(facts), "process 42 holds", "try again"));
}

TEST(Diagnosis, EndsWithTheFirstFailure) {
  Facts facts = facts_of(uds::Errc::NoDaemon);
  facts.route.end.error = ENOENT;
  facts.access.reset();
  EXPECT_EQ(states(udsctl::diagnose(facts)), "path=ok directories=ok socket=failed ");
  facts = facts_of(uds::Errc::AccessDenied);
  facts.access->allowed = false;
  EXPECT_EQ(states(udsctl::diagnose(facts)), "path=ok directories=ok socket=ok permission=failed ");
  facts = facts_of(uds::Errc::UntrustedServer);
  EXPECT_EQ(states(udsctl::diagnose(facts)),
            "path=ok directories=ok socket=ok permission=ok connection=failed ");
  for (const auto code : {uds::Errc::Deadline, uds::Errc::ConnectionLost, uds::Errc::BadReply}) {
    facts = facts_of(code);
    EXPECT_EQ(states(udsctl::diagnose(facts)),
              "path=ok directories=ok socket=ok permission=ok connection=ok answer=failed ");
  }
  facts = facts_of(uds::Response::error(uds::Code::PermissionDenied, "not you"));
  EXPECT_TRUE(says(udsctl::diagnose(facts).back(), "ERROR: not you", "ask the administrator"));
}

TEST(Diagnosis, GoesOnWhereOnlyHelloFails) {
  Facts facts = facts_of(uds::Response::ok(Json()));
  facts.hello = uds::Response::error(uds::Code::UnknownCommand, "no hello");
  EXPECT_TRUE(udsctl::diagnose(facts).back().state == State::Warning);
  facts.hello = uds::Response::ok(Json::parse(R"({"protocol":1})"));
  EXPECT_EQ(states(udsctl::diagnose(facts)),
            "path=ok directories=ok socket=ok permission=ok connection=ok answer=ok "
            "version=warning caller=warning ");
}

TEST(Diagnosis, ComparesVersions) {
  const auto judge = [](const char* library, int protocol) {
    Json hello = Json::object();
    hello["libuds"] = library;
    hello["protocol"] = protocol;
    return udsctl::check_version(hello, "1.2.3").state;
  };
  EXPECT_EQ(judge("1.2.3", 1), State::Ok);
  EXPECT_EQ(judge("1.2.9", 1), State::Ok);
  EXPECT_EQ(judge("1.3.3", 1), State::Warning);
  EXPECT_EQ(judge("2.2.3", 1), State::Warning);
  EXPECT_EQ(judge("1.2.3", 2), State::Warning);
}

TEST(Diagnosis, SaysWhoTheCallerIs) {
  const Json hello = Json::parse(R"({"caller":{"uid":7,"gid":8,"groups":[9,10],"admin":false}})");
  EXPECT_EQ(udsctl::check_caller(hello).message,
            "you are uid 7, gid 8, groups 9 10; no administrator");
  EXPECT_EQ(
      udsctl::check_caller(Json::parse(R"({"caller":{"uid":7,"gid":8,"admin":true}})")).message,
      "you are uid 7, gid 8, no other groups; an administrator");
}

TEST(Diagnosis, IsTextOrJson) {
  const Finding bad{"socket", State::Failed, "nothing \"there\"", "start it"};
  EXPECT_EQ(udsctl::to_json_line(bad),
            R"({"check":"socket","state":"failed","message":"nothing \"there\"","fix":"start it"})"
            "\n");
  EXPECT_EQ(udsctl::to_json_line({"path", State::Ok, "short", ""}),
            "{\"check\":\"path\",\"state\":\"ok\",\"message\":\"short\"}\n");
  EXPECT_EQ(udsctl::to_text(bad, false),
            "failed   socket       nothing \"there\"\n"
            "           mend it:   start it\n");
}

TEST(SocketFacts, ReadTheLocksOfTheKernel) {
  const std::string locks =
      "1: POSIX  ADVISORY  WRITE 11 08:01:99 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 12 08:01:98 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 13 08:01:99 0 EOF\n"
      "3: -> FLOCK  ADVISORY  WRITE 14 08:01:97 0 EOF\n"
      "garbage\n";
  EXPECT_EQ(udsctl::lock_holder(locks, ::makedev(8, 1), 99), 13);
  EXPECT_EQ(udsctl::lock_holder(locks, ::makedev(8, 1), 97), std::nullopt);
  EXPECT_EQ(udsctl::lock_holder(locks, ::makedev(8, 2), 99), std::nullopt);
  EXPECT_EQ(udsctl::lock_holder("", 0, 0), std::nullopt);
}

/// A directory with links in it.
class Follow : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/uds-follow-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    ASSERT_EQ(::mkdir((root_ + "/inner").c_str(), 0755), 0);
    link("loop", "loop");
    link("inner", "relative");
    link(root_ + "/inner", "absolute");
    link("../inner/none", "inner/dangling");
  }
  void TearDown() override {
    for (const char* name : {"/loop", "/relative", "/absolute", "/inner/dangling"})
      ::unlink((root_ + name).c_str());
    ::rmdir((root_ + "/inner").c_str());
    ::rmdir(root_.c_str());
  }
  void link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(::symlink(target.c_str(), (root_ + "/" + name).c_str()), 0);
  }
  /// Where the way ends, below the directory, and how.
  [[nodiscard]] std::string follow(const std::string& path) const {
    const Route route = udsctl::follow(root_ + path);
    return route.end.path.substr(std::min(root_.size(), route.end.path.size())) + " " +
           (route.end.error == 0 ? "" : std::string(::strerrorname_np(route.end.error))) +
           (route.complete ? " complete" : "") + (route.linked ? " linked" : "");
  }

  std::string root_;
};

TEST_F(Follow, ReachesTheEnd) {
  EXPECT_EQ(follow("/inner"), "/inner  complete");
  EXPECT_EQ(follow("//inner/./../inner"), "/inner  complete");
  EXPECT_EQ(follow("/relative"), "/inner  complete linked");
  EXPECT_EQ(follow("/absolute"), "/inner  complete linked");
  EXPECT_EQ(udsctl::follow("/../..").end.path, "/");
}

TEST_F(Follow, StopsWhereTheKernelWould) {
  EXPECT_EQ(follow("/none"), "/none ENOENT complete");
  EXPECT_EQ(follow("/none/x"), "/none ENOENT");
  EXPECT_EQ(follow("/absolute/dangling"), "/inner/none ENOENT complete linked");
  EXPECT_EQ(follow("/relative/none"), "/inner/none ENOENT complete");
  EXPECT_TRUE(follow("/loop").starts_with("/loop ELOOP"));
  EXPECT_TRUE(follow("/loop/x").starts_with("/loop ELOOP"));
  EXPECT_EQ(udsctl::follow("/proc/version/x").end.error, ENOTDIR);
}

}  // namespace
