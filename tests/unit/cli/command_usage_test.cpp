// What a command takes, as people read it.
#include <gtest/gtest.h>

#include <string>

#include "command_usage.hpp"

namespace {

using uds::Json;

const Json kDescribed = Json::parse(R"({"type":"object","additionalProperties":false,"properties":{
    "count":{"type":"integer","minimum":0,"maximum":9,"default":1,"description":"How many"},
    "share":{"type":"number"},"dry_run":{"type":"boolean"},"name":{"type":"string"},
    "tags":{"type":"array","items":{"type":"integer"}},"level":{"enum":["low","high"],"type":"string"},
    "inner":{"type":"object","properties":{"size":{"type":"integer"}},"additionalProperties":false},
    "any":{}},"required":["name"]})");

TEST(CommandUsage, SaysWhatTheDaemonSays) {
  Json description = Json::object();
  description["name"] = "t.copy";
  description["summary"] = "Copy";
  description["access"] = "admin";
  description["args"] = kDescribed;
  const std::string usage = udsctl::usage_of(description, "call");
  EXPECT_TRUE(usage.starts_with("Usage: udsctl call t.copy [--NAME VALUE | NAME=VALUE]...\nCopy\n"))
      << usage;
  EXPECT_NE(usage.find("  --count                integer, 0 to 9, default 1\n"), std::string::npos)
      << usage;
  EXPECT_NE(usage.find("How many\n"), std::string::npos);
  EXPECT_NE(usage.find("  --level                string, low|high\n"), std::string::npos) << usage;
  EXPECT_NE(usage.find("  --name                 string, required\n"), std::string::npos) << usage;
  EXPECT_NE(usage.find("Who may: admin\n"), std::string::npos);
}

TEST(CommandUsage, ShowsNothingRaw) {
  Json description = Json::object();
  description["name"] = "x";
  description["args"] = Json::parse(R"({"properties":{"a":{"type":"\u001b[31m","minimum":"\u009b",
      "maximum":1,"enum":["\u001b]0;t\u0007"],"description":"\u001b"}}})");
  const std::string usage = udsctl::usage_of(description, "call");
  EXPECT_EQ(usage.find_first_of("\x1b\x9b\x07"), std::string::npos) << usage;
}

TEST(CommandUsage, SaysWhatEachValueMustBe) {
  Json description = Json::object();
  description["name"] = "t.page";
  description["descriptors"]["min"] = 1;
  description["detachable"] = true;
  description["args"] =
      Json::parse(R"({"additionalProperties":false,"required":["pages"],"properties":{
      "file":{"type":"string","below":"/srv/www","maxLength":4096},
      "files":{"type":"array","items":{"type":"string","below":"/srv"},"maxItems":2},
      "key":{"type":"string","writeOnly":true,"description":"the key"},
      "n":{"type":"integer","minimum":1},
      "pages":{"type":"array","items":{"type":"integer","maximum":9},"minItems":1,"maxItems":3,
               "description":"which"},
      "unit":{"type":"string","pattern":"^(?:[a-z]+)$","minLength":1,"maxLength":12,"default":"x"}}})");
  EXPECT_EQ(
      udsctl::usage_of(description, "run"),
      "Usage: udsctl run t.page [--NAME VALUE | NAME=VALUE]...\n"
      "\n"
      "Arguments:\n"
      "  --file                 path below /srv/www\n"
      "  --files                array of path below /srv, at most 2 items\n"
      "  --key                  secret string\n"
      "                         the key\n"
      "                         give it as key=@FILE\n"
      "  --n                    integer, at least 1\n"
      "  --pages                array of integer, at most 9, 1 to 3 items, required\n"
      "                         which\n"
      "  --unit                 string, 1 to 12 bytes, all of it matches [a-z]+, default \"x\"\n"
      "Reads standard input.\n");
}

TEST(CommandUsage, OfNothing) {
  Json description = Json::object();
  EXPECT_EQ(udsctl::usage_of(description, "call"),
            "Usage: udsctl call  [--NAME VALUE | NAME=VALUE]...\n\nTakes no arguments.\n");
  description["args"] = Json::object();
  EXPECT_NE(udsctl::usage_of(description, "call").find("Takes any arguments.\n"),
            std::string::npos);
}

}  // namespace
