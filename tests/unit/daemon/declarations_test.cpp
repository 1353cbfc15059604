// Files of declarations: what a command may say, and that each mistake is told with its place and
// what would be right.
#include "declared/read_declarations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using udsd::Declaration;
using udsd::DeclarationRules;

const std::string kHead = "[command.\"web.restart\"]\n";
const std::string kNeeded =
    "summary = \"Restart\"\nexec = [\"/bin/x\"]\nuser = \"root\"\ntimeout = \"60s\"\n";

udsd::ConfigErrors errors_in(const std::string& text, const DeclarationRules& rules = {}) {
  const auto read = udsd::read_declarations(text, "f.toml", rules);
  return read ? udsd::ConfigErrors{} : read.error();
}

Declaration declaration_of(const std::string& more, std::string needed = kNeeded) {
  auto read = udsd::read_declarations(kHead + needed + more, "f.toml", {});
  if (!read) {
    for (const std::string& error : read.error()) ADD_FAILURE() << error;
    read = udsd::read_declarations(kHead + kNeeded, "f.toml", {});
  }
  EXPECT_EQ(read->size(), 1U);
  return read->front();
}

/// Whether `more` is refused with `part` among the errors.
::testing::AssertionResult refused(const std::string& more, const std::string& part,
                                   const std::string& needed = kNeeded) {
  const auto errors = errors_in(kHead + needed + more);
  for (const std::string& error : errors)
    if (error.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  auto result = ::testing::AssertionFailure() << more << " gave " << errors.size() << " errors";
  for (const std::string& error : errors) result << "\n  " << error;
  return result;
}

std::string with_exec(const std::string& exec) {
  return "summary = \"s\"\nexec = " + exec + "\nuser = \"root\"\ntimeout = \"none\"\n";
}

TEST(Declarations, TheShortestHasDefaultsThatDenyAndEnd) {
  const Declaration declared = declaration_of("");
  EXPECT_EQ(declared.name, "web.restart");
  EXPECT_EQ(declared.origin.file, "f.toml");
  EXPECT_EQ(declared.origin.line, 1U);
  EXPECT_EQ(declared.exec.program(), "/bin/x");
  EXPECT_TRUE(declared.allow.users().empty() && declared.allow.groups().empty());
  EXPECT_FALSE(declared.admins);
  EXPECT_EQ(declared.run_as.uid, 0U);
  EXPECT_EQ(declared.timeout, 60s);
  EXPECT_EQ(declared.directory, "/");
  EXPECT_EQ(declared.umask, 022U);
  EXPECT_FALSE(declared.disconnect.detach);
  EXPECT_FALSE(declared.output.drop);
}

TEST(Declarations, EveryKeyIsRead) {
  const Declaration declared = declaration_of(
      "args.unit = { type = \"string\", enum = [\"a\", \"b\"] }\n"
      "args.lines = { type = \"integer\", minimum = 1, maximum = 9, required = false }\n"
      "args.token = { type = \"string\", secret = true }\n"
      "allow = { users = [\"root\"], groups = [\"root\"] }\nwatch = { groups = [\"0\"] }\n" +
          std::string("admins = true\ngroup = \"root\"\ncwd = \"/tmp\"\numask = \"077\"\n") +
          "env = { LANG = \"C.UTF-8\" }\nstdin = \"arg:token\"\ngrace = \"1s\"\n"
          "disconnect_grace = \"30s\"\nconcurrency = { total = 1, per_user = 2, queue = 3 }\n"
          "rate = { total = 4, per_user = 5, per = \"1m\" }\n"
          "output = { max = \"1MiB\", on_limit = \"drop\" }\n"
          "keep = { time = \"1d\", total = \"2MiB\" }\n"
          "limits = { nproc = 64, nofile = 256, fsize = \"64MiB\", core = 0, memory = \"1GiB\" }\n"
          "idempotent = true\naudit_fallback = \"journal\"\n",
      with_exec("[\"/bin/x\", [\"-n\", \"{lines}\"], \"--\", \"{unit}\"]"));
  EXPECT_EQ(declared.parameters.size(), 3U);
  ASSERT_NE(declared.parameter("lines"), nullptr);
  EXPECT_FALSE(declared.parameter("lines")->required);
  EXPECT_TRUE(declared.parameter("token")->secret);
  EXPECT_EQ(declared.allow.users(), std::vector<uid_t>{0});
  EXPECT_EQ(declared.names.users.at(0), "root");
  EXPECT_EQ(declared.names.groups.at(0), "root");
  EXPECT_EQ(declared.run_as.group, 0U);
  EXPECT_EQ(declared.directory, "/tmp");
  EXPECT_EQ(declared.umask, 077U);
  EXPECT_EQ(declared.environment.at("LANG"), "C.UTF-8");
  EXPECT_EQ(declared.input.argument, "token");
  EXPECT_EQ(declared.timeout, std::nullopt);
  EXPECT_EQ(declared.disconnect.grace, 30s);
  EXPECT_EQ(declared.concurrency.queue, 3U);
  EXPECT_EQ(declared.rate.total, 4U);
  EXPECT_EQ(declared.rate.per_user, 5U);
  EXPECT_EQ(declared.rate.per, 1min);
  EXPECT_EQ(declared.output.most, 1U << 20);
  EXPECT_TRUE(declared.output.drop);
  EXPECT_EQ(declared.keep.time, 24h);
  EXPECT_EQ(declared.limits.core, 0U);
  EXPECT_EQ(declared.limits.memory, std::uint64_t{1} << 30);
  EXPECT_TRUE(declared.idempotent && declared.audit_may_fall_back && declared.admins);
  uds::Json arguments = uds::Json::object();
  arguments["unit"] = "c";
  EXPECT_FALSE(declared.arguments().check(arguments).empty());
}

TEST(Declarations, AllOfAFileOrNothing) {
  const std::string two = kHead + kNeeded + "[command.\"a.b\"]\n" + kNeeded;
  EXPECT_EQ(udsd::read_declarations(two, "f", {})->size(), 2U);
  const auto errors = errors_in(two + "colour = 1\n");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_TRUE(errors[0].starts_with("f.toml:11:1: a.b: unknown key \"colour\"; a command has "))
      << errors[0];
}

TEST(Declarations, WhatIsNeeded) {
  EXPECT_TRUE(refused("", "summary is missing",
                      "exec = [\"/bin/x\"]\nuser = \"root\"\ntimeout = \"1s\"\n"));
  EXPECT_TRUE(
      refused("", "exec is missing", "summary = \"s\"\nuser = \"root\"\ntimeout = \"1s\"\n"));
  EXPECT_TRUE(
      refused("", "user is missing", "summary = \"s\"\nexec = [\"/x\"]\ntimeout = \"1s\"\n"));
  EXPECT_TRUE(
      refused("", "timeout is missing", "summary = \"s\"\nexec = [\"/x\"]\nuser = \"root\"\n"));
  DeclarationRules own;
  own.system = false;
  EXPECT_TRUE(
      errors_in(kHead + "summary = \"s\"\nexec = [\"/x\"]\ntimeout = \"1s\"\n", own).empty());
}

TEST(Declarations, Names) {
  for (const char* name : {"restart", "run.x", "uds.x", "Web.x", "a..b", "a.b.", "web restart"})
    EXPECT_FALSE(errors_in("[command.\"" + std::string(name) + "\"]\n" + kNeeded).empty()) << name;
}

TEST(Declarations, UsersMustExistAndMustNotBeUdsd) {
  EXPECT_TRUE(
      refused("", "no-such-user",
              "summary = \"s\"\nexec = [\"/x\"]\nuser = \"no-such-user\"\ntimeout = \"1s\"\n"));
  EXPECT_TRUE(refused("allow = { users = [\"no-such-user\"] }\n", "no-such-user"));
  EXPECT_TRUE(refused("allow = { groups = [\"no-such-group\"] }\n", "no-such-group"));
  EXPECT_TRUE(refused("allow = [\"root\"]\n", "allow must be { users = [...], groups = [...] }"));
  DeclarationRules rules;
  rules.daemon = 1;
  const auto errors = errors_in(
      kHead + "summary = \"s\"\nexec = [\"/x\"]\nuser = \"1\"\ntimeout = \"1s\"\n", rules);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_NE(errors[0].find("no command may run as udsd itself"), std::string::npos);
  EXPECT_TRUE(
      declaration_of("", "summary = \"s\"\nexec = [\"/x\"]\nuser = \"@caller\"\ntimeout = \"1s\"\n")
          .run_as.caller);
}

TEST(Declarations, PlacesAndArgumentsBelongTogether) {
  EXPECT_TRUE(refused("", "exec has a place for unit, which is not declared",
                      with_exec("[\"/bin/x\", \"{unit}\"]")));
  EXPECT_TRUE(refused("args.a = { type = \"string\" }\n", "a is declared and never used"));
  EXPECT_TRUE(refused("args.a = { type = \"string\", required = false }\n",
                      "its place stands in a group", with_exec("[\"/bin/x\", \"{a}\"]")));
  EXPECT_TRUE(refused("args.a = { type = \"string\", secret = true }\n", "a is a secret",
                      with_exec("[\"/bin/x\", \"{a}\"]")));
  EXPECT_TRUE(refused("stdin = \"arg:a\"\n", "stdin is the value of a, which is not declared"));
  EXPECT_TRUE(
      refused("stdin = \"arg:a\"\nargs.a = { type = \"string\", spread = true, max_items = 2 }\n",
              "stdin is one value, and a is a list"));
  EXPECT_TRUE(refused("", "a place is written {name}", with_exec("[\"/bin/x\", \"{A}\"]")));
  EXPECT_TRUE(refused("", "the absolute path of the program", with_exec("[\"x\"]")));
}

TEST(Declarations, AnInterpreterWithAPlaceNeedsToBeMeant) {
  const std::string shell = with_exec("[\"/bin/sh\", \"-c\", \"{a}\"]");
  const std::string argument = "args.a = { type = \"string\" }\n";
  EXPECT_TRUE(refused(argument, "unsafe_exec = true", shell));
  EXPECT_TRUE(
      refused(argument, "unsafe_exec = true", with_exec("[\"/usr/bin/python3.11\", \"{a}\"]")));
  declaration_of(argument + "unsafe_exec = true\n", shell);
  EXPECT_TRUE(refused("", "unsafe_exec = true", with_exec("[\"/bin/sh\", \"-c\", \"a; b\"]")));
  EXPECT_TRUE(refused("", "unsafe_exec = true",
                      with_exec("[\"/usr/bin/find\", \"/srv\", \"-exec\", \"rm\", \";\"]")));
  declaration_of("", with_exec("[\"/bin/sh\", \"/usr/lib/backup.sh\"]"));
}

TEST(Declarations, Arguments) {
  const std::string exec = with_exec("[\"/bin/x\", \"--\", \"{a}\"]");
  for (const auto& [argument, part] : std::vector<std::pair<std::string, std::string>>{
           {"\"string\"", "must be a table such as"},
           {"{ type = \"text\" }", "\"text\" must be \"string\", \"integer\""},
           {"{ type = \"string\", pattern = \"(\" }", "pattern"},
           {"{ type = \"integer\", pattern = \"a\" }", "a"},
           {"{ type = \"integer\", minimum = 5, default = 1 }", "default"},
           {"{ type = \"string\", colour = 1 }", "unknown key \"colour\"; an argument has type"},
           {"{ type = \"path\" }", "a path has below"},
           {"{ type = \"string\", below = \"/srv\" }", "a path has below"},
           {"{ type = \"string\", spread = true }", "has max_items"},
           {"{ type = \"string\", max_items = 3 }", "go with spread = true"},
           {"{ type = \"string\", enum = \"a\" }", "must be a list of the values"},
           {"{ type = \"string\", enum = [] }", "one at least"},
           {"{ type = \"string\", enum = [\"a\", 1] }",
            "enum has 1, which never fits: it must be of type string"},
           {"{ type = \"string\", enum = [\"a\"], pattern = \"b\" }", "enum has \"a\""},
           {"{ type = \"path\", below = \"/srv\", enum = [\"../a\"] }",
            "which never fits: a must be a path below /srv"},
           {"{ type = \"integer\", minimum = 5, maximum = 4 }", "minimum is above maximum"},
           {"{ type = \"string\", min_length = 5, max_length = 4 }", "min_length is above"},
           {"{ type = \"string\", spread = true, min_items = 5, max_items = 4 }",
            "min_items is above"},
           {"{ type = \"path\", below = \"/srv\", default = \"../a\" }",
            "the default does not fit: a must be a path below /srv"},
           {"{ type = \"integer\", maximum = 4, default = 5 }",
            "the default of \"a\" does not fit: it must be at most 4"},
           {"{ type = \"string\", pattern = \"[\" }",
            "pattern \"[\" is no regular expression: \"missing ]: [\""},
           {"{ type = \"string\", summary = \"a\\nb\" }", "the summary has a control character"},
       })
    EXPECT_TRUE(refused("args.a = " + argument + "\n", part, exec)) << argument;
  EXPECT_TRUE(
      refused("args.a-b = { type = \"string\" }\n", "\"a-b\" is no name for an argument", exec));
  const Declaration declared =
      declaration_of("args.a = { type = \"string\", spread = true, max_items = 2 }\n", exec);
  EXPECT_EQ(declared.exec.expand({{"a", {"x", "-y"}}}).value(),
            (std::vector<std::string>{"/bin/x", "--", "x", "-y"}));
}

TEST(Declarations, AFaultyArgumentIsOneError) {
  const auto errors = errors_in(kHead + with_exec("[\"/bin/x\", \"--\", \"{a}\"]") +
                                "stdin = \"arg:b\"\nargs.a = { type = \"text\" }\nargs.b = 1\n");
  EXPECT_EQ(errors.size(), 2U);
  for (const std::string& error : errors)
    EXPECT_EQ(error.find("not declared"), std::string::npos) << error;
}

TEST(Declarations, ADeclaredValueFitsItsPlace) {
  const std::string bare = with_exec("[\"/bin/x\", \"{a}\"]");
  const std::string why = "a has a declared value that begins with a hyphen";
  EXPECT_TRUE(refused("args.a = { type = \"integer\", default = -1 }\n", why, bare));
  EXPECT_TRUE(refused("args.a = { type = \"string\", enum = [\"x\", \"-x\"] }\n", why, bare));
  declaration_of("args.a = { type = \"integer\", default = -1 }\n",
                 with_exec("[\"/bin/x\", \"-n{a}\"]"));
}

TEST(Declarations, AGroupOfWhatIsAlwaysThereEndsOptions) {
  const std::string exec = with_exec("[\"/bin/x\", [\"--\", \"{b}\"], \"{a}\"]");
  const std::string value = "args.a = { type = \"integer\", enum = [-1, 1] }\n";
  declaration_of(value + "args.b = { type = \"string\" }\n", exec);
  declaration_of(value + "args.b = { type = \"string\", default = \"x\" }\n", exec);
  const std::string why = "a has a declared value that begins with a hyphen";
  for (const char* may_be_absent : {"required = false", "spread = true, max_items = 2"})
    EXPECT_TRUE(
        refused(value + "args.b = { type = \"string\", " + may_be_absent + " }\n", why, exec));
}

TEST(Declarations, TwiceInAFileNamesBothPlaces) {
  const std::string text = kHead + kNeeded + "\n[command.\"a.b\"]\n" + kNeeded;
  EXPECT_EQ(errors_in(text + kHead + kNeeded),
            udsd::ConfigErrors{"f.toml:12:1: web.restart is declared already, at f.toml:1"});
  const std::string inner = "[command.\"web.restart\".args.a]\ntype = \"string\"\n";
  const auto after_a_table_within = errors_in(text + inner + "[command.\"a.b\"]\n");
  EXPECT_EQ(after_a_table_within,
            udsd::ConfigErrors{"f.toml:14:1: a.b is declared already, at f.toml:7"});
  const auto table_within = errors_in(text + inner + inner);
  ASSERT_EQ(table_within.size(), 1U);
  EXPECT_EQ(table_within.front().find("already"), std::string::npos) << table_within.front();
  const auto broken = errors_in("x = [\n" + kHead + kHead);
  ASSERT_EQ(broken.size(), 1U);
  EXPECT_EQ(broken.front().find("already"), std::string::npos) << "not what is wrong first";
}

TEST(Declarations, SummariesAreOneLine) {
  EXPECT_TRUE(refused("", "the summary has a control character",
                      "summary = \"a\\nb\"\nexec = [\"/x\"]\nuser = \"root\"\ntimeout = \"1s\"\n"));
}

/// What is declared with an integer a, a list b of texts, both optional, and a text c.
Declaration with_arguments() {
  return declaration_of(
      "args.a = { type = \"integer\", default = 5, maximum = 9 }\n"
      "args.b = { type = \"string\", spread = true, max_items = 20, required = false }\n"
      "args.c = { type = \"string\" }\n",
      with_exec("[\"/bin/x\", \"-n{a}\", \"--\", [\"{b}\"], \"{c}\"]"));
}

TEST(Declarations, TextsOfARequestAreCheckedAgain) {
  const Declaration declared = with_arguments();
  uds::Json values = uds::Json::object();
  values["c"] = "x y";
  ASSERT_TRUE(declared.arguments().check(values).empty());
  const auto texts = declared.texts(values).value();
  EXPECT_EQ(texts, (udsd::ArgumentTexts{{"a", {"5"}}, {"c", {"x y"}}}));
  EXPECT_EQ(declared.problem(texts), std::nullopt);
  EXPECT_EQ(declared.problem({{"a", {"5"}}}), "c is missing");
  EXPECT_EQ(declared.problem({{"c", {"x"}}}), "a is missing") << "its default was to be there";
  EXPECT_EQ(declared.problem({{"a", {"5"}}, {"c", {"x"}}, {"d", {"x"}}}),
            "\"d\" is no argument of web.restart");
  EXPECT_TRUE(declared.problem({{"a", {"10"}}, {"c", {"x"}}}));
}

TEST(Declarations, AllArgumentsTogetherAreBounded) {
  const Declaration declared = with_arguments();
  uds::Json values = uds::Json::object();
  values["a"] = 5;
  values["c"] = "x";
  values["b"] = std::vector<std::string>(17, std::string(4'000, 'x'));
  EXPECT_EQ(declared.texts(values).error(), "the arguments are longer than 65536 bytes together");
  const udsd::ArgumentTexts texts{
      {"a", {"5"}}, {"c", {"x"}}, {"b", std::vector<std::string>(17, std::string(4'000, 'x'))}};
  EXPECT_EQ(declared.problem(texts), "the arguments are longer than 65536 bytes together");
}

TEST(Declarations, AreKnownByTheHashOfTheirFile) {
  EXPECT_EQ(declaration_of("").hash.size(), 64U);
  EXPECT_EQ(declaration_of("").hash, declaration_of("").hash);
  EXPECT_NE(declaration_of("").hash, declaration_of("# a comment\n").hash);
}

TEST(Declarations, InAPrivateInstanceTheUserIsItsOwner) {
  DeclarationRules own;
  own.system = false;
  own.owner = 1'000;
  const std::string rest = "summary = \"s\"\nexec = [\"/x\"]\ntimeout = \"1s\"\n";
  const auto silent = udsd::read_declarations(kHead + rest, "f", own);
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->front().run_as.uid, 1'000U);
  const auto named = udsd::read_declarations(kHead + rest + "user = \"root\"\n", "f", own);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->front().run_as.uid, 0U) << "whether it can be had shows when it is run";
}

TEST(Declarations, Values) {
  EXPECT_TRUE(refused("grace = 5\n", "must be a duration"));
  EXPECT_TRUE(refused("cwd = \"tmp\"\n", "must be an absolute path"));
  EXPECT_TRUE(refused("umask = 22\n", "must be a mask in octal"));
  EXPECT_TRUE(refused("env = { UDS_X = \"1\" }\n", "is no variable that a declaration may set"));
  EXPECT_TRUE(refused("env = { A = \"a\\n\" }\n", "A has a control character"));
  EXPECT_TRUE(refused("on_disconnect = \"stay\"\n", "must be \"kill\" or \"detach\""));
  EXPECT_TRUE(refused("on_disconnect = \"detach\"\ndisconnect_grace = \"1s\"\n",
                      "goes with on_disconnect"));
  EXPECT_TRUE(refused("concurrency = { all = 1 }\n", "concurrency has total, per_user, queue"));
  EXPECT_TRUE(refused("rate = { total = 1 }\n", "rate is how many in how long"));
  EXPECT_TRUE(refused("rate = { per = \"1m\" }\n", "rate is how many in how long"));
  EXPECT_TRUE(refused("rate = { total = 1, per = 60 }\n", "a duration from \"1s\" to \"1d\""));
  EXPECT_TRUE(refused("limits = 5\n", "limits must be a table such as { nproc = "));
  EXPECT_TRUE(refused("output = { max = 5 }\n", "must be a size"));
  EXPECT_TRUE(refused("stdin = \"file\"\n", "must be \"none\", \"caller\" or \"arg:NAME\""));
}

TEST(Declarations, WhatIsNoDeclaration) {
  EXPECT_FALSE(errors_in("x = 1\n").empty());
  EXPECT_FALSE(errors_in("command = 1\n").empty());
  EXPECT_FALSE(errors_in("[command]\nx = 1\n").empty());
  EXPECT_FALSE(errors_in("[command.\n").empty());
  EXPECT_TRUE(errors_in("").empty());
}

}  // namespace
