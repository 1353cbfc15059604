// JSON laid out for people: columns, tables, and nothing that a terminal would obey.
#include "layout.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using udsctl::lay_out;
using udsctl::Table;

std::string laid_out(const char* json) {
  return lay_out(uds::parse_json(json).value(), false);
}

TEST(Table, ColumnsAreAsWideAsTheyNeedToBeAndNumbersStandRight) {
  Table table({"name", "n"});
  table.add({"a", "1"});
  table.add({"longer", "100"});
  table.add({"ä"});
  EXPECT_EQ(table.text(false), "name      n\na         1\nlonger  100\nä\n");
}

TEST(Table, WithoutAHeading) {
  Table table({});
  table.add({"ping", "Answer pong"});
  EXPECT_EQ(table.text(true, 2), "  ping  Answer pong\n");
}

TEST(Table, ColourChangesNoWidth) {
  Table table({"a", "b"});
  table.add({"xy", "z"});
  EXPECT_EQ(table.text(true), "\x1b[1ma\x1b[0m   \x1b[1mb\x1b[0m\nxy  z\n");
}

TEST(LayOut, NothingForNullAndTheBareValueForAnythingPlain) {
  EXPECT_EQ(laid_out("null"), "");
  EXPECT_EQ(laid_out(R"("text")"), "text\n");
  EXPECT_EQ(laid_out("1.5"), "1.5\n");
  EXPECT_EQ(laid_out("{}"), "{}\n");
}

TEST(LayOut, NamesAndValuesInColumns) {
  EXPECT_EQ(laid_out(R"({"a":1,"longer":"x","list":[1,"b"],"none":[]})"),
            "a       1\nlist    [1,\"b\"]\nlonger  x\nnone    []\n");
}

TEST(LayOut, ObjectsWithinAreIndented) {
  EXPECT_EQ(laid_out(R"({"b":{"c":{"d":1}},"z":2})"), "b\n  c\n    d  1\nz  2\n");
}

TEST(LayOut, ObjectsInAnArrayMakeATable) {
  EXPECT_EQ(laid_out(R"({"rows":[{"n":1,"s":"x"},{"n":20,"t":{"deep":[1]}}]})"),
            "rows\n   n  s  t\n   1  x\n  20     {\"deep\":[1]}\n");
  EXPECT_EQ(laid_out(R"([{"n":1}])"), "n\n1\n");
}

TEST(LayOut, ASingleColumnOfHugeValuesStaysATable) {
  const std::string row = R"({"a":[{"v":[")" + std::string(100, 'x') + R"("]}]})";
  EXPECT_EQ(laid_out(row.c_str()), "a\n  v\n  [\"" + std::string(57, 'x') + "…\n");
}

TEST(LayOut, LongAndMixedValuesStandOnTheirOwn) {
  const std::string text(101, 'x');
  EXPECT_EQ(laid_out((R"({"a":")" + text + R"(","b":1})").c_str()), "a\n  " + text + "\nb  1\n");
  EXPECT_EQ(laid_out(R"({"a":[[1]]})"), "a\n  [\n    [\n      1\n    ]\n  ]\n");
}

TEST(LayOut, DeepNestingEnds) {
  std::string json = "1";
  for (int level = 0; level < 60; ++level) json = R"({"a":)" + json + "}";
  EXPECT_NE(laid_out(json.c_str()).find("{\n"), std::string::npos) << "the rest is JSON";
}

TEST(LayOut, ForeignTextIsHarmless) {
  EXPECT_EQ(laid_out(R"({"\u001b[2J":"a\u001b[31m\nb"})"), "\\u001b[2J  a\\u001b[31m\\u000ab\n");
  EXPECT_EQ(laid_out(R"([["\u202e"]])"), "[\n  [\n    \"\\u202e\"\n  ]\n]\n");
}

}  // namespace
