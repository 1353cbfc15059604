// candidates(): how a line may go on, in each place of it, and what never becomes a candidate.
#include "completion/candidates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using uds::Json;
using udsctl::Candidates;
using Words = std::vector<std::string>;

const Json kCommands = Json::parse(R"json({"commands":[{"name":"echo","summary":"Say it\tagain"},
    {"name":"erase"},{"name":"two words"},{"name":"--socket"},{"name":"$(reboot)"},{"name":7},8,
    {"name":""},{"name":"count-down"}]})json");

const Json kCommand = Json::parse(R"({"args":{"type":"object","additionalProperties":false,
    "properties":{
    "interval_ms":{"type":"integer","description":"Pause"},"dry_run":{"type":"boolean"},
    "level":{"type":"string","enum":["low","high","so so","a;b"]},"size":{"enum":[1,20]},
    "tags":{"type":"array","items":{"enum":["red","blue"]}},"mode":{"enum":["drain","now"]},
    "in ner":{"type":"string"},
    "outer":{"type":"object","properties":{"depth":{"enum":["deep"]},"free":{}}}}}})");

const Json kRuns =
    Json::parse(R"json({"runs":[{"run":"0194c2f6a1b25e6f7081","command":"web.restart"},
    {"run":"$(reboot)"},{"run":7}]})json");

Json answer(const Words& /*options*/, const uds::Request& request) {
  if (request.cmd == "run.list") return kRuns;
  return request.args.is_null() ? kCommands : kCommand;
}

Words offered(const Words& line) {
  Words words;
  for (const auto& candidate : udsctl::candidates(line, answer).words)
    words.push_back(candidate.word);
  return words;
}

bool offers(const Words& line, const std::string& word) {
  const Words all = offered(line);
  return std::find(all.begin(), all.end(), word) != all.end();
}

std::string files(const Words& line) {
  return udsctl::candidates(line, answer).files_behind.value_or("no files");
}

TEST(Candidates, AreVerbsFirst) {
  EXPECT_TRUE(offers({""}, "ping"));
  EXPECT_EQ(offered({"de"}), Words{"describe"});
  EXPECT_EQ(offered({"--user", "--timeout", "5s", "de"}), Words{"describe"});
  EXPECT_EQ(offered({"--", "de"}), Words{"describe"});
  EXPECT_EQ(offered({"ping", ""}), Words{});
  EXPECT_EQ(offered({}), Words{});
  EXPECT_FALSE(offers({"comp"}, "complete"));  // only the scripts call it
}

TEST(Candidates, AreOptionsBehindADash) {
  EXPECT_EQ(offered({"--so"}), Words{"--socket"});
  EXPECT_EQ(offered({"describe", "--so"}), Words{"--socket"});
  EXPECT_EQ(offered({"--", "--so"}), Words{});
  EXPECT_EQ(offered({"--timeout", ""}), Words{});
  EXPECT_EQ(offered({"--json="}), (Words{"--json=lines", "--json=pretty"}));
  EXPECT_EQ(offered({"--json=p"}), Words{"--json=pretty"});
  EXPECT_EQ(offered({"--unknown="}), Words{});
}

TEST(Candidates, LeaveFileNamesToTheShell) {
  EXPECT_EQ(files({"--socket", ""}), "");
  EXPECT_EQ(files({"--socket", "/ru"}), "");
  EXPECT_EQ(files({"--socket=/ru"}), "--socket=");
  EXPECT_EQ(files({"call", "echo", "level=@/et"}), "level=@");
  EXPECT_EQ(files({"call", "echo", "--level=@"}), "no files");
  EXPECT_EQ(files({"--timeout", "/"}), "no files");
}

TEST(Candidates, AreCommandsThatEveryShellReadsAsOneWord) {
  EXPECT_EQ(offered({"call", ""}), (Words{"echo", "erase", "count-down"}));
  EXPECT_EQ(offered({"describe", "ec"}), Words{"echo"});
  EXPECT_EQ(offered({"describe", "echo", ""}), Words{});
  const Candidates found = udsctl::candidates({"call", "e"}, answer);
  EXPECT_EQ(udsctl::to_lines(found), "echo\tSay it\\u0009again\nerase\t\n");
}

TEST(Candidates, AreArgumentsByName) {
  EXPECT_EQ(offered({"call", "echo", ""}),
            (Words{"dry_run=", "interval_ms=", "level=", "mode=", "outer.depth=", "outer.free=",
                   "size=", "tags="}));
  EXPECT_EQ(offered({"call", "echo", "outer.d"}), Words{"outer.depth="});
  EXPECT_EQ(offered({"call", "echo", "level="}), (Words{"level=low", "level=high"}));
  EXPECT_EQ(offered({"call", "echo", "level=h"}), Words{"level=high"});
  EXPECT_EQ(offered({"call", "echo", "size=2"}), Words{"size=20"});
  EXPECT_EQ(offered({"call", "echo", "dry_run="}), (Words{"dry_run=true", "dry_run=false"}));
  EXPECT_EQ(offered({"call", "echo", "tags=red", "tags="}), (Words{"tags=red", "tags=blue"}));
  EXPECT_EQ(offered({"call", "echo", "outer.depth="}), Words{"outer.depth=deep"});
  EXPECT_EQ(offered({"call", "echo", "level:="}), Words{});
  EXPECT_EQ(offered({"call", "echo", "nothing.at.all="}), Words{});
}

TEST(Candidates, AreArgumentsAsFlags) {
  EXPECT_EQ(offered({"call", "echo", "--"}),
            (Words{"--dry-run", "--no-dry-run", "--interval-ms", "--level", "--mode", "--size",
                   "--tags", "--help"}));
  EXPECT_EQ(offered({"call", "echo", "size=1", "--he"}), Words{});
  EXPECT_EQ(offered({"call", "echo", "--level", ""}), (Words{"low", "high"}));
  EXPECT_EQ(offered({"call", "echo", "--level=h"}), Words{"--level=high"});
  EXPECT_EQ(offered({"call", "echo", "--interval-ms", ""}), Words{});
  EXPECT_EQ(offered({"call", "echo", "--level", "--mode", "--si"}), Words{"--size"});
  EXPECT_EQ(offered({"call", "echo", "--dry-run", "--no-dry-run", "--si"}), Words{"--size"});
  EXPECT_EQ(offered({"call", "echo", "--unknown", ""}), Words{});
}

TEST(Candidates, AreWhatTheVerbTakes) {
  EXPECT_EQ(offered({"completion", ""}), (Words{"bash", "zsh", "fish"}));
  EXPECT_EQ(offered({"log-level", "h"}), Words{"high"});
  EXPECT_EQ(offered({"shutdown", ""}), (Words{"drain", "now"}));
}

TEST(Candidates, OfARunAreThoseOfCall) {
  for (const char* verb : {"run", "can-i", "explain"}) {
    EXPECT_EQ(offered({verb, ""}), (Words{"echo", "erase", "count-down"}));
    EXPECT_EQ(offered({verb, "echo", "--le"}), Words{"--level"});
    EXPECT_EQ(offered({verb, "echo", "--level", ""}), (Words{"low", "high"}));
  }
  EXPECT_EQ(offered({"run", "--detach-on"}), Words{"--detach-on-interrupt"});
  EXPECT_EQ(offered({"run", "--detach", "echo", "--so"}), Words{});
  EXPECT_EQ(files({"run", "--result", ""}), "");
}

TEST(Candidates, AreRunsByTheirIds) {
  for (const char* verb : {"attach", "show", "wait", "cancel"})
    EXPECT_EQ(offered({verb, "01"}), Words{"0194c2f6a1b25e6f7081"}) << verb;
  EXPECT_EQ(offered({"wait", "0194c2f6a1b25e6f7082", ""}), Words{"0194c2f6a1b25e6f7081"});
  EXPECT_EQ(offered({"attach", "0194c2f6a1b25e6f7082", ""}), Words{});
}

TEST(Candidates, AskTheDaemonThatTheLineNames) {
  Words asked;
  std::string about = "nothing";
  const auto ask = [&](const Words& options, const uds::Request& request) {
    asked = options;
    about = request.args.is_null() ? "" : request.args["command"].get<std::string>();
    return Json();
  };
  const auto look = [&](const Words& line) { return udsctl::candidates(line, ask).words.size(); };
  EXPECT_EQ(look({"--socket", "/a", "describe", "--user", ""}), 0U);
  EXPECT_EQ(asked, (Words{"--socket", "/a", "--user"}));
  EXPECT_EQ(about, "");
  EXPECT_EQ(look({"--socket=/a", "call", "echo", "--user", "x", ""}), 0U);
  EXPECT_EQ(asked, Words{"--socket=/a"});
  EXPECT_EQ(about, "echo");
}

TEST(Candidates, AreNoneWhereTheDaemonSaysSomethingElse) {
  for (const char* text : {"7", "[]", "{}", R"({"commands":7})", R"({"args":[]})",
                           R"({"args":{"properties":[1]}})", R"({"args":{"properties":{"a":3}}})",
                           R"({"args":{"properties":{"a":{"enum":4,"type":[]}}}})"}) {
    const Json strange = Json::parse(text);
    const auto ask = [&](const Words&, const uds::Request&) { return strange; };
    for (const Words& line :
         {Words{"call", ""}, Words{"call", "x", "a="}, Words{"call", "x", "b"},
          Words{"call", "x", "--a", ""}, Words{"log-level", ""}, Words{"show", ""}})
      EXPECT_TRUE(udsctl::candidates(line, ask).words.empty()) << text;
  }
}

}  // namespace
