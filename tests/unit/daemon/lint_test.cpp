// Warnings about declarations that are allowed and probably not meant.
#include "declared/lint.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using uds::Peer;
using udsd::Declaration;
using udsd::LintHost;
using udsd::SocketDoor;
using Warnings = std::vector<std::string>;

const SocketDoor kDoor{0660, 500, 600, "uds"};

/// alice (1000) may connect, deploy (1001) may not; group 27 has members, 28 none.
LintHost host(SocketDoor door = kDoor) {
  LintHost out;
  out.door = std::move(door);
  out.user = [](uid_t uid) -> std::optional<Peer> {
    if (uid == 1'000) return Peer(1'000, 1'000, 0, {600});
    if (uid == 1'001) return Peer(1'001, 1'001, 0, {});
    return std::nullopt;
  };
  out.is_empty_group = [](gid_t gid) { return gid == 28; };
  out.program_fault = [](const std::string& path) {
    return path == "/bin/sh" ? std::nullopt : std::optional<std::string>("does not exist");
  };
  out.directory_fault = [](const std::string& path) {
    return path == "/" ? std::nullopt : std::optional<std::string>("is no directory");
  };
  return out;
}

/// What is said of `declared` in a system instance.
Warnings lint(const Declaration& declared, const LintHost& of) {
  return udsd::lint(declared, {}, of);
}

Declaration declared(const std::vector<std::string>& exec = {"/bin/sh"}) {
  using udsd::ExecTemplate;
  std::vector<ExecTemplate::Part> parts;
  for (const std::string& text : exec)
    parts.push_back({{*ExecTemplate::Element::parse(text)}, false});
  Declaration out(ExecTemplate::make(std::move(parts)).value());
  out.name = "web.restart";
  out.origin = {"f.toml", 7};
  out.names.users = {{1'000, "alice"}, {1'001, "deploy"}};
  out.names.groups = {{28, "oncall"}};
  return out;
}

TEST(Lint, HasNothingToSayOfWhatIsRight) {
  Declaration right = declared();
  right.allow.user(1'000).user(4'000).group(27);
  udsd::Parameter name;
  name.name = "a";
  name.pattern = "[a-z]+.*";
  right.parameters.push_back(name);
  EXPECT_EQ(lint(right, host()), Warnings{});
}

TEST(Lint, TellsOfAUserWhoCannotConnect) {
  Declaration rules = declared();
  rules.allow.user(1'001);
  EXPECT_EQ(
      lint(rules, host()),
      Warnings{"f.toml:7: deploy may run web.restart but cannot connect: adduser deploy uds"});
  EXPECT_EQ(lint(rules, host({0600, 500, 600, "uds"})),
            Warnings{"f.toml:7: deploy may run web.restart but cannot connect: the mode of the "
                     "socket keeps it out"});
  EXPECT_EQ(lint(rules, host({0660, 0, 0, "root"})),
            Warnings{"f.toml:7: deploy may run web.restart but cannot connect: the group of the "
                     "socket is that of root; give it another"});
  Declaration watched = declared();
  watched.watch.user(1'001);
  EXPECT_EQ(
      lint(watched, host()),
      Warnings{"f.toml:7: deploy may watch web.restart but cannot connect: adduser deploy uds"});
}

TEST(Lint, TellsOfAnEmptyGroup) {
  Declaration rules = declared();
  rules.watch.group(28);
  EXPECT_EQ(lint(rules, host()),
            Warnings{"f.toml:7: group oncall may watch web.restart and has no members"});
}

TEST(Lint, TellsOfAnInterpreter) {
  Declaration shell = declared();
  shell.unsafe_exec = true;
  ASSERT_EQ(lint(shell, host()).size(), 1U);
  EXPECT_TRUE(lint(shell, host())
                  .front()
                  .starts_with("f.toml:7: web.restart says unsafe_exec = true: see that /bin/sh"));
}

TEST(Lint, TellsOfAPatternThatMatchesEverything) {
  for (const char* pattern : {".*", ".+", "^.*$", "^(.+)$", "(?s).*"}) {
    Declaration loose = declared();
    udsd::Parameter name;
    name.name = "unit";
    name.pattern = pattern;
    loose.parameters.push_back(name);
    ASSERT_EQ(lint(loose, host()).size(), 1U) << pattern;
    EXPECT_NE(lint(loose, host()).front().find("of unit matches everything"), std::string::npos);
  }
}

TEST(Lint, TellsOfWhatTheHostHasNot) {
  Declaration missing = declared({"/opt/x"});
  missing.directory = "/srv";
  udsd::Parameter file;
  file.name = "file";
  file.below = "/srv/www";
  missing.parameters.push_back(file);
  EXPECT_EQ(lint(missing, host()),
            (Warnings{"f.toml:7: web.restart: /opt/x does not exist, so no run can start it",
                      "f.toml:7: web.restart: cwd /srv is no directory, so no run can start there",
                      "f.toml:7: web.restart: /srv/www, where file lies, is no directory"}));
}

TEST(Lint, TellsOfNegativeNumbersThatTheirPlaceRefuses) {
  const auto warnings = [](const std::vector<std::string>& exec, std::optional<int> minimum) {
    Declaration number = declared(exec);
    udsd::Parameter count;
    count.name = "n";
    count.type = udsd::Parameter::Type::Integer;
    count.minimum = minimum;
    number.parameters.push_back(count);
    return lint(number, host());
  };
  ASSERT_EQ(warnings({"/bin/sh", "{n}"}, std::nullopt).size(), 1U);
  const auto negative = warnings({"/bin/sh", "{n}"}, -1);
  ASSERT_EQ(negative.size(), 1U);
  EXPECT_NE(negative.front().find("n may be negative"), std::string::npos);
  EXPECT_EQ(warnings({"/bin/sh", "{n}"}, 0), Warnings{});
  EXPECT_EQ(warnings({"/bin/sh", "-n{n}"}, std::nullopt), Warnings{});
  EXPECT_EQ(warnings({"/bin/sh", "--", "{n}"}, std::nullopt), Warnings{});
}

TEST(Lint, TellsOfAUserWhoseRightsAPrivateInstanceHasNot) {
  Declaration other = declared();
  other.run_as.user = "root";
  EXPECT_EQ(
      udsd::lint(other, {false, 0, 1'000}, host()),
      Warnings{"f.toml:7: web.restart runs as uid 0, and this udsd has the rights of uid 1000 "
               "only; run it on the system instance"});
  other.run_as = {true, 0, "@caller", {}};
  EXPECT_EQ(udsd::lint(other, {false, 0, 1'000}, host()), Warnings{});
}

TEST(Lint, ThePermissionsOfTheSocketDecide) {
  const auto may = [](mode_t mode, uid_t uid, std::vector<gid_t> groups) {
    return udsd::may_connect({mode, 500, 600, "uds"}, Peer(uid, uid, 0, std::move(groups)));
  };
  EXPECT_TRUE(may(0000, 0, {})) << "root";
  EXPECT_TRUE(may(0660, 500, {}));
  EXPECT_FALSE(may(0060, 500, {600})) << "the owner is judged as owner";
  EXPECT_TRUE(may(0660, 1'000, {600}));
  EXPECT_FALSE(may(0606, 1'000, {600})) << "a member is judged as member";
  EXPECT_TRUE(may(0666, 1'000, {}));
  EXPECT_FALSE(may(0660, 1'000, {}));
}

}  // namespace
