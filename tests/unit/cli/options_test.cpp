// The command line of udsctl: what is taken, what is refused, and that its tables agree.
#include "options.hpp"

#include "help_text.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace {

using udsctl::Format;
using udsctl::Options;

uds::Result<Options, udsctl::Refusal> parse(std::initializer_list<const char*> words) {
  std::vector<std::string> copies{"udsctl"};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  return udsctl::parse_options(static_cast<int>(copies.size()), argv.data());
}

std::string refused(std::initializer_list<const char*> words) {
  const auto options = parse(words);
  return options ? "taken" : options.error().sentence;
}

TEST(Options, StandBeforeOrAfterTheVerb) {
  for (const auto& words : {std::initializer_list<const char*>{"--retry", "3", "ping"},
                            std::initializer_list<const char*>{"ping", "--retry=3"}}) {
    const auto options = parse(words);
    ASSERT_TRUE(options) << options.error().sentence;
    EXPECT_EQ(options->verb, "ping");
    EXPECT_EQ(options->retries, 3U);
  }
}

TEST(Options, WhatStandsBehindCallIsTheCommandsOwn) {
  const auto options = parse({"--quiet", "call", "a.b", "--json", "--retry", "x"});
  ASSERT_TRUE(options) << options.error().sentence;
  EXPECT_EQ(options->arguments, (std::vector<std::string>{"a.b", "--json", "--retry", "x"}));
  EXPECT_FALSE(options->json);
  EXPECT_EQ(options->format, Format::Nothing);
}

TEST(Options, OfRunStandBeforeTheCommand) {
  for (const char* verb : {"run", "can-i", "explain"}) {
    const auto options = parse({verb, "--timeout", "5s", "a.b", "--user", "--detach", "x"});
    ASSERT_TRUE(options) << options.error().sentence;
    EXPECT_EQ(options->arguments, (std::vector<std::string>{"a.b", "--user", "--detach", "x"}));
    EXPECT_EQ(options->timeout, std::chrono::seconds(5));
    EXPECT_FALSE(options->user);
    EXPECT_FALSE(options->detach);
  }
  const auto run = parse({"run", "--detach", "--result=f", "--detach-on-interrupt", "a"});
  ASSERT_TRUE(run) << run.error().sentence;
  EXPECT_TRUE(run->detach);
  EXPECT_TRUE(run->detach_on_interrupt);
  EXPECT_EQ(run->result, "f");
}

TEST(Options, OfTheVerbsOfRuns) {
  EXPECT_EQ(parse({"attach", "x", "--from", "9007199254740991"})->from, 9007199254740991U);
  EXPECT_NE(refused({"attach", "x", "--from", "0"}), "taken");
  EXPECT_EQ(parse({"cancel", "x", "--signal", "SIGHUP"})->signal, "HUP");
  for (const char* spelling : {"INT", "int", "SIGINT", "sigint", "SIGint"})
    EXPECT_EQ(parse({"cancel", "x", "--signal", spelling})->signal, "INT") << spelling;
  for (const char* none : {"FOO", "SIG", "2", "SIGSIGINT"})
    EXPECT_EQ(
        refused({"cancel", "x", "--signal", none}),
        "--signal " + std::string(none) + " is none of TERM, INT, HUP, QUIT, USR1, USR2, KILL");
  EXPECT_EQ(parse({"audit", "--since", "400d"})->since, std::chrono::hours(24 * 400));
  EXPECT_EQ(refused({"audit", "--caller="}), "--caller needs a value; see udsctl --help");
  for (const char* option : {"--caller", "--as"}) {
    const char* const verb = std::string_view(option) == "--as" ? "can-i" : "audit";
    EXPECT_EQ(
        refused({verb, option, "no such"}),
        std::string(option) + " no such is no user of this host; write a user's name or number");
    EXPECT_EQ(refused({verb, option, "4000000000"}), "taken");
    EXPECT_EQ(refused({verb, option, "root"}), "taken");
  }
  EXPECT_EQ(refused({"attach", "--detach", "x"}),
            "--detach belongs to run, not to attach; see udsctl --help");
  EXPECT_EQ(refused({"run", "--quiet", "x"}), "--quiet means nothing to run; see udsctl --help");
  EXPECT_TRUE(parse({"wait", "--any", "x", "y"})->any);
  EXPECT_TRUE(udsctl::passes_status("wait"));
  EXPECT_FALSE(udsctl::passes_status("call"));
}

TEST(Options, ThePastHasNoBounds) {
  EXPECT_EQ(parse({"audit", "--since", "0s"})->since, std::chrono::milliseconds(0));
  EXPECT_EQ(parse({"audit", "--since", "999999999999999999999d"})->since,
            std::chrono::milliseconds::max());
  for (const char* none : {"", "d", "1", "-1s", "1x", "1.5s"})
    EXPECT_NE(refused({"audit", "--since", none}).find(" is no duration; "), std::string::npos)
        << none;
}

TEST(Options, ATimeToWaitHasBounds) {
  EXPECT_EQ(refused({"--timeout", "0s", "ping"}),
            "--timeout 0s is no time at all; write at least 1ms");
  for (const char* text : {"25d", "999999999999999999999d"})
    EXPECT_EQ(refused({"--timeout", text, "ping"}),
              "--timeout " + std::string(text) + " is too long; write at most 24d");
  EXPECT_EQ(refused({"--timeout", "24d", "ping"}), "taken");
}

TEST(Options, JsonSaysHowToShowAndHowToComplain) {
  EXPECT_EQ(parse({"ping"})->format, Format::Automatic);
  EXPECT_EQ(parse({"ping", "--json"})->format, Format::Lines);
  EXPECT_EQ(parse({"ping", "--json=lines"})->format, Format::Lines);
  EXPECT_EQ(parse({"ping", "--json=pretty"})->format, Format::Pretty);
  const auto field = parse({"ping", "--json", "--field", "/a"});
  EXPECT_EQ(field->format, Format::Field);
  EXPECT_TRUE(field->json);
}

TEST(Options, FormatsExcludeEachOther) {
  for (const auto& words : {std::initializer_list<const char*>{"--quiet", "--collect", "ping"},
                            std::initializer_list<const char*>{"--field", "/a", "--quiet", "ping"},
                            std::initializer_list<const char*>{"--json=pretty", "--quiet", "ping"}})
    EXPECT_NE(refused(words).find("exclude each other"), std::string::npos);
}

TEST(Options, OptionsOfOtherVerbsAreRefused) {
  EXPECT_EQ(refused({"ping", "--parallel", "2"}),
            "--parallel belongs to send, not to ping; see udsctl --help");
  EXPECT_EQ(refused({"ping", "--interval", "2s"}),
            "--interval belongs to stats and top, not to ping; see udsctl --help");
  EXPECT_EQ(refused({"send", "-", "--parallel", "2"}), "taken");
}

TEST(Options, RefusalsAreJsonWhereThatIsAskedFor) {
  EXPECT_TRUE(parse({"--nonsense", "--json"}).error().json);
  EXPECT_TRUE(parse({"ping", "--nonsense", "--json=pretty"}).error().json);
  EXPECT_FALSE(parse({"--nonsense", "call", "x", "--json"}).error().json) << "the command's own";
  EXPECT_FALSE(parse({"--nonsense", "run", "x", "--json"}).error().json) << "the command's own";
  EXPECT_FALSE(parse({"--nonsense"}).error().json);
}

TEST(Options, TheLastJsonWins) {
  EXPECT_EQ(parse({"--json=pretty", "--json=lines", "ping"})->format, Format::Lines);
  EXPECT_EQ(parse({"--json", "--json=pretty", "ping"})->format, Format::Pretty);
}

TEST(Options, VerbsWithOutputOfTheirOwnTakeNoFormats) {
  EXPECT_EQ(refused({"doctor", "--quiet"}), "--quiet means nothing to doctor; see udsctl --help");
  EXPECT_EQ(refused({"--json=pretty", "top"}),
            "--json=pretty means nothing to top; see udsctl --help");
  EXPECT_EQ(refused({"doctor", "--json"}), "taken");
  EXPECT_TRUE(udsctl::takes_option("ping", "--quiet"));
  EXPECT_FALSE(udsctl::takes_option("top", "--collect"));
  EXPECT_FALSE(udsctl::takes_option("stats", "--once"));
  EXPECT_TRUE(udsctl::takes_option("stats", "--watch"));
}

TEST(Options, AVerbThatThereIsNotIsToldFirst) {
  EXPECT_EQ(refused({"--once", "tpo"}), "taken") << "the verb is somebody else's to judge";
}

TEST(Options, SlipsAreTold) {
  EXPECT_EQ(refused({"--timout", "1s"}),
            "there is no option --timout (did you mean --timeout?); see udsctl --help");
  EXPECT_EQ(refused({"--user=1", "ping"}), "--user takes no value; see udsctl --help");
  EXPECT_EQ(refused({"--retry", "-1"}), "--retry -1 is no number from 0 to 1000000");
  EXPECT_EQ(refused({"--parallel", "0", "send"}), "--parallel 0 is no number from 1 to 1000");
  EXPECT_EQ(refused({"--json=xml"}), "--json=xml is neither --json=lines nor --json=pretty");
  EXPECT_EQ(refused({"--c", "ping"}),
            "--c may be --connect-timeout or --collect or --command or --caller; write it out");
  for (const char* pointer : {"/a~", "/a~2"})
    EXPECT_NE(refused({"--field", pointer, "ping"}).find("no JSON pointer"), std::string::npos);
  EXPECT_EQ(refused({"--field", "/a~0~1", "ping"}), "taken");
  EXPECT_NE(refused({"--field", "data"}).find("no JSON pointer"), std::string::npos);
  EXPECT_NE(refused({"--timeout", "5"}).find("write a number and a unit"), std::string::npos);
}

TEST(Options, EachOfTheTableIsInTheHelp) {
  const std::string help(udsctl::help_text());
  for (const auto& option : udsctl::option_table())
    EXPECT_NE(help.find(option.name), std::string::npos) << option.name;
  for (const auto& verb : udsctl::verb_table())
    EXPECT_NE(help.find(verb.name), std::string::npos) << verb.name;
}

}  // namespace
