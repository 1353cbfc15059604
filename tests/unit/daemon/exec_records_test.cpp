// The texts that udsd-exec leaves behind, read back by a JSON parser.
#include "exec/records.hpp"

#include <gtest/gtest.h>

#include "exec/json_object.hpp"
#include "exec/options.hpp"
#include "exec/run_directory.hpp"
#include "uds/json.hpp"

namespace {

using namespace std::chrono_literals;
using udsd::RunResult;

constexpr std::chrono::system_clock::time_point kTime{1'700'000'000'007ms};

TEST(JsonObject, IsReadBackAsWritten) {
  const std::string text = udsd::JsonObject()
                               .text("a\"b", "x\ny\xFF")
                               .number("n", -5)
                               .flag("f", true)
                               .json("j", "[1,2]")
                               .str();
  const auto read = uds::parse_json(text);
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["a\"b"], "x\ny\uFFFD");
  EXPECT_EQ((*read)["n"], -5);
  EXPECT_EQ((*read)["f"], true);
  EXPECT_EQ((*read)["j"].size(), 2U);
  EXPECT_EQ(udsd::JsonObject().str(), "{}");
}

TEST(FormatTime, IsUtcWithMilliseconds) {
  EXPECT_EQ(udsd::format_time(kTime), "2023-11-14T22:13:20.007Z");
}

TEST(FormatResult, HasExitOrSignalOnlyWhereThereIsOne) {
  RunResult result;
  result.outcome = RunResult::Outcome::Exit;
  result.started = true;
  result.exit = 0;
  result.hash_of_stdout = "aa";
  result.hash_of_stderr = "bb";
  auto read = uds::parse_json(udsd::format_result("r", result, kTime));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["exit"], 0);
  EXPECT_FALSE(read->contains("signal"));
  EXPECT_FALSE(read->contains("stage"));
  EXPECT_EQ((*read)["sha256"]["stderr"], "bb");
  EXPECT_EQ((*read)["ended_ms"], 1'700'000'000'007);

  result = {};
  result.outcome = RunResult::Outcome::NotStarted;
  result.stage = "exec";
  result.error = 2;
  read = uds::parse_json(udsd::format_result("r", result, kTime));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["outcome"], "not_started");
  EXPECT_EQ((*read)["errno"], 2);
  EXPECT_FALSE(read->contains("sha256"));
}

TEST(EndRecord, NamesTheCallerAndTheOutcome) {
  RunResult result;
  result.signal = 9;
  const auto record = udsd::end_record("r", {7, "ann", "a.b"}, result, kTime);
  const auto read = uds::parse_json(record.line);
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["caller"]["user"], "ann");
  EXPECT_EQ((*read)["event"], "end");
  EXPECT_EQ((*read)["outcome"], "lost");
  EXPECT_EQ(record.message, "a.b has ended: ended by signal 9");
}

TEST(MaskedArguments, NeverHaveASecretOrWhatIsNotDeclared) {
  auto element = udsd::ExecTemplate::Element::parse("/bin/true");
  ASSERT_TRUE(element);
  auto exec = udsd::ExecTemplate::make({{{*element}, false}});
  ASSERT_TRUE(exec);
  udsd::Declaration declared(*exec);
  udsd::Parameter plain;
  plain.name = "plain";
  udsd::Parameter list;
  list.name = "list";
  list.spread = true;
  udsd::Parameter secret;
  secret.name = "secret";
  secret.secret = true;
  declared.parameters = {plain, list, secret};
  EXPECT_EQ(
      udsd::masked_arguments(
          declared, {{"list", {"a", "b"}}, {"other", {"x"}}, {"plain", {"p"}}, {"secret", {"s"}}}),
      R"({"list":["a","b"],"other":"***","plain":"p","secret":"***"})");
}

TEST(KeepFacts, AreReadBackAsWritten) {
  const auto read = udsd::parse_keep(udsd::format_keep({5, {7, "ann", "a.b"}}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->time_ms, 5);
  EXPECT_EQ(read->owner.uid, 7U);
  EXPECT_EQ(read->owner.user, "ann");
  EXPECT_EQ(read->owner.command, "a.b");
  for (const char* text : {"", "5\n", "x\n7\nann\na.b\n", "5\n7\nann\na.b",
                           "5\n7\nann\na.b\nmore\n", "-5\n7\nann\na.b\n", "5\n7\nann\n\n"})
    EXPECT_FALSE(udsd::parse_keep(text)) << text;
}

TEST(ExecOptions, PathsAreAbsoluteAndValuesThere) {
  const auto parse = [](std::vector<const char*> argv) {
    argv.insert(argv.begin(), "udsd-exec");
    return udsd::parse_exec_options(static_cast<int>(argv.size()), argv.data());
  };
  const auto options = parse({"--commands-dir", "/a", "--commands-dir", "/b", "--state-dir", "/s",
                              "--daemon", "udsd", "--private"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->commands_dirs, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(options->state_dir, "/s");
  EXPECT_EQ(options->daemon, "udsd");
  EXPECT_TRUE(options->private_instance);
  EXPECT_FALSE(parse({"--state-dir"}));
  EXPECT_FALSE(parse({"--state-dir", "relative"}));
  EXPECT_FALSE(parse({"--daemon", ""}));
  EXPECT_FALSE(parse({"--frobnicate"}));
  EXPECT_FALSE(parse({"word"}));
}

}  // namespace
