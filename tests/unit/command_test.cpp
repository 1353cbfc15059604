// Declared arguments: what fits, what does not, where it says so, and what help shows.
#include "uds/command.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace {

using uds::Command;
using uds::Json;
namespace schema = uds::schema;

Command sample() {
  return Command("t.sample")
      .summary("A sample")
      .arg("name", schema::string().required().max_length(5))
      .arg("count", schema::integer().minimum(0).maximum(10).fallback(3))
      .arg("mode", schema::string().one_of({"a", "b"}))
      .arg("list", schema::array().max_items(2));
}

/// The pointers of what `args` violates, joined by spaces.
std::string wrong(const Command& command, const char* args_text) {
  Json args = Json::parse(args_text);
  std::string out;
  for (const auto& violation : command.check(args)) {
    EXPECT_FALSE(violation.message.empty());
    if (!out.empty()) out += ' ';
    out += violation.pointer;
  }
  return out;
}

TEST(Command, ChecksItsArguments) {
  const Command command = sample();
  EXPECT_EQ(wrong(command, R"({"name":"x"})"), "");
  EXPECT_EQ(wrong(command, R"({"name":"x","count":10,"mode":"b","list":[1,2]})"), "");
  EXPECT_EQ(wrong(command, R"({})"), "/name");
  EXPECT_EQ(wrong(command, R"({"name":"toolong"})"), "/name");
  EXPECT_EQ(wrong(command, R"({"name":1,"count":"1","mode":"c","list":[1,2,3]})"),
            "/count /list /mode /name");
  EXPECT_EQ(wrong(command, R"({"name":"x","a/b~c":1})"), "/a~1b~0c");
  for (const char* count :
       {"-1", "11", "1.5", "true", "18446744073709551615", "-9223372036854775808"})
    EXPECT_EQ(wrong(command, (R"({"name":"x","count":)" + std::string(count) + "}").c_str()),
              "/count");
}

TEST(Command, FillsInDefaults) {
  Json args = Json::parse(R"({"name":"x"})");
  EXPECT_TRUE(sample().check(args).empty());
  EXPECT_EQ(args["count"], 3);
  EXPECT_FALSE(args.contains("mode"));
}

TEST(Command, LongForeignKeyDoesNotComeBackWhole) {
  Json args = Json::object();
  args[std::string(100'000, 'k')] = 1;
  const auto violations = Command("t.x").check(args);
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_LT(violations[0].pointer.size(), 100U);
}

TEST(Command, AnyArgsTakesAll) {
  EXPECT_EQ(wrong(Command("t.any").any_args(), R"({"a":1,"b":{}})"), "");
}

TEST(Command, NumberBoundsHoldForFractions) {
  const Command command = Command("t.n").arg("x", schema::number().minimum(0).maximum(1));
  EXPECT_EQ(wrong(command, R"({"x":0.5})"), "");
  EXPECT_EQ(wrong(command, R"({"x":-0.1})"), "/x");
  EXPECT_EQ(wrong(command, R"({"x":1.1})"), "/x");
}

TEST(Command, DescribesItselfAsJsonSchema) {
  const Json described = sample().streaming().describe();
  EXPECT_EQ(described["name"], "t.sample");
  EXPECT_EQ(described["streaming"], true);
  EXPECT_EQ(described["access"], "everyone");
  EXPECT_EQ(described["args"]["required"], Json::parse(R"(["name"])"));
  EXPECT_EQ(described["args"]["additionalProperties"], false);
  EXPECT_EQ(described["args"]["properties"]["count"],
            Json::parse(R"({"type":"integer","minimum":0,"maximum":10,"default":3})"));
  EXPECT_EQ(described["args"]["properties"]["list"],
            Json::parse(R"({"type":"array","maxItems":2})"));
}

TEST(Command, RefusesNamesThatAreNone) {
  for (const char* name : {"", "Ping", "a b", ".a", "a.", "a..b", "1a", "a.1"})
    EXPECT_THROW(Command{name}, std::invalid_argument) << name;
}

}  // namespace
