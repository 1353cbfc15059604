// The arguments of udsctl call: types by the schema, forms of a word, and what is told of a slip.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "call_arguments.hpp"

namespace {

using uds::Json;
using udsctl::read_arguments;

const Json kSchema = Json::parse(R"({"type":"object","additionalProperties":false,"properties":{
    "count":{"type":"integer","minimum":0,"maximum":9,"default":1,"description":"How many"},
    "share":{"type":"number"},"dry_run":{"type":"boolean"},"name":{"type":"string"},
    "tags":{"type":"array","items":{"type":"integer"}},"level":{"enum":["low","high"],"type":"string"},
    "inner":{"type":"object","properties":{"size":{"type":"integer"}},"additionalProperties":false},
    "any":{}},"required":["name"]})");

uds::Result<std::string> no_file(const std::string& path) {
  return uds::Error(std::make_error_code(std::errc::no_such_file_or_directory), "no file " + path);
}

/// The arguments as text, or what is wrong with them.
std::string read(const std::vector<std::string>& words, const Json& schema = kSchema) {
  const auto arguments = read_arguments(schema, words, no_file);
  return arguments ? arguments->dump() : arguments.error();
}

TEST(CallArguments, HaveTheTypesOfTheSchema) {
  EXPECT_EQ(read({"count=3", "share=0.5", "dry_run=true", "name=7", "any=7"}),
            R"({"any":"7","count":3,"dry_run":true,"name":"7","share":0.5})");
  EXPECT_EQ(read({"count=18446744073709551615"}), R"({"count":18446744073709551615})");
  EXPECT_EQ(read({"count=-3"}), R"({"count":-3})");
  EXPECT_EQ(read({"count=3x"}), "count must be an integer, and 3x is none");
  EXPECT_EQ(read({"share=much"}), "share must be a number, and much is none");
  EXPECT_EQ(read({"dry_run=yes"}), "dry_run must be true or false: a boolean, and yes is none");
  EXPECT_EQ(read({"inner=1"}), "inner is an object: write inner.NAME=VALUE, or inner:=JSON");
}

TEST(CallArguments, AreFlagsAsWell) {
  EXPECT_EQ(read({"--count", "3", "--name=a=b", "--dry-run"}),
            R"({"count":3,"dry_run":true,"name":"a=b"})");
  EXPECT_EQ(read({"--no-dry-run"}), R"({"dry_run":false})");
  EXPECT_EQ(read({"--name"}), "--name needs a value");
  EXPECT_EQ(read({"--nmae", "x"}), "there is no argument nmae (did you mean name?)");
}

TEST(CallArguments, NestRepeatAndTakeJson) {
  EXPECT_EQ(read({"inner.size=3"}), R"({"inner":{"size":3}})");
  EXPECT_EQ(read({"tags=1", "--tags", "2"}), R"({"tags":[1,2]})");
  EXPECT_EQ(read({"tags:=[4,5]", "name:=null"}), R"({"name":null,"tags":[4,5]})");
  EXPECT_EQ(read({"inner.sise=3"}), "there is no argument sise (did you mean size?)");
  EXPECT_EQ(read({"name=a", "name.b=c"}, Json::object()),
            "name.b is within something that is no object");
  EXPECT_EQ(read({"tags:=["}), "tags is no JSON: unexpected end at byte 1");
  EXPECT_EQ(read({"a..b=1"}, Json::object()), "an argument without a name: a..b");
}

TEST(CallArguments, AreGivenOnce) {
  EXPECT_EQ(read({"name=a", "name=b"}), "name is given twice; give it once");
  EXPECT_EQ(read({"--name", "a", "name:=null"}), "name is given twice; give it once");
  EXPECT_EQ(read({"name:=null", "--name=b"}), "name is given twice; give it once");
  EXPECT_EQ(read({"--dry-run", "--no-dry-run"}), "dry_run is given twice; give it once");
  EXPECT_EQ(read({"tags=1", "tags:=[2]"}), "tags is given twice; give it once");
  EXPECT_EQ(read({"tags:=5", "tags=2"}), "tags is given twice; give it once");
  EXPECT_EQ(read({"inner.size=1", "inner.size=2"}), "inner.size is given twice; give it once");
  EXPECT_EQ(read({"inner.size=1", "inner:={}"}), "inner is given twice; give it once");
  EXPECT_EQ(read({"inner:={}", "inner.size=1"}), R"({"inner":{"size":1}})");
  EXPECT_EQ(read({"tags:=[4]", "tags=5"}), R"({"tags":[4,5]})");
  EXPECT_EQ(read({"a=1", "a=2"}, Json::object()), "a is given twice; give it once");
}

TEST(CallArguments, TakeFiles) {
  const auto content = [](const std::string& path) -> uds::Result<std::string> {
    return std::string(path == "/n" ? "5" : "text\n");
  };
  EXPECT_EQ(read_arguments(kSchema, {"name=@/file", "count=@/n"}, content)->dump(),
            R"({"count":5,"name":"text\n"})");
  EXPECT_EQ(read({"name=@/gone"}), "no file /gone");
}

TEST(CallArguments, WordsThatAreNone) {
  EXPECT_EQ(read({"count"}), "count is no argument; write name=value or --name value");
  EXPECT_EQ(read({"=3"}), "=3 is no argument; write name=value or --name value");
  EXPECT_EQ(read({"other=3"}), "there is no argument other");
  EXPECT_EQ(read({"\x1b[31m=3"}), "there is no argument \\u001b[31m");
}

TEST(CallArguments, WithoutASchemaAreTexts) {
  EXPECT_EQ(read({"a=1", "b.c=true", "--d", "e"}, Json::object()),
            R"({"a":"1","b":{"c":"true"},"d":"e"})");
}

TEST(CallArguments, AreUtf8) {
  EXPECT_EQ(read({"name=a\xff"}), "name=a\\xff is no UTF-8");
  EXPECT_EQ(read({"--name", "a\xff"}), "a\\xff is no UTF-8");
  EXPECT_EQ(read({"--name", "@/file"}), R"({"name":"@/file"})");
  std::string deep = "a";
  for (int i = 0; i < 100; ++i) deep += ".a";
  EXPECT_NE(read({deep + "=1"}, Json::object()).find("nests too deep"), std::string::npos);
}

}  // namespace
