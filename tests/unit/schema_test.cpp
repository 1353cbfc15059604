// Schemas of values: each keyword, where violations point, defaults, and declarations that make no
// sense.
#include "uds/schema.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using uds::Json;
using uds::schema::any;
using uds::schema::array;
using uds::schema::boolean;
using uds::schema::integer;
using uds::schema::number;
using uds::schema::object;
using uds::schema::string;
using uds::schema::Value;

/// "pointer: message" of each violation of `value`, one a line.
std::string wrong(const Value& schema, Json value) {
  std::string out;
  for (const auto& violation : schema.check(value))
    out += violation.pointer + ": " + violation.message + '\n';
  return out;
}

/// The same of a JSON text.
std::string wrong_text(const Value& schema, const char* text) {
  return wrong(schema, Json::parse(text));
}

bool fits(const Value& schema, const char* text) {
  return wrong_text(schema, text).empty();
}

TEST(Schema, TypesTakeTheirOwnValuesOnly) {
  // Each value fits the types named beside it, and no other.
  const std::vector<std::pair<const char*, std::string>> cases{
      {"null", "any"},       {"true", "any boolean"}, {"1", "any integer number"},
      {"1.0", "any number"}, {"1e2", "any number"},   {"\"1\"", "any string"},
      {"[]", "any array"},   {"{}", "any object"}};
  const std::vector<std::pair<std::string, Value>> types{
      {"any", any()},       {"boolean", boolean()}, {"integer", integer()}, {"number", number()},
      {"string", string()}, {"array", array()},     {"object", object()}};
  for (const auto& [text, names] : cases) {
    std::string fitting;
    for (const auto& [name, type] : types)
      if (fits(type, text)) fitting += (fitting.empty() ? "" : " ") + name;
    EXPECT_EQ(fitting, names) << text;
  }
  EXPECT_EQ(wrong_text(integer(), "1.0"), ": must be of type integer\n");
}

TEST(Schema, BoundsOfNumbersAreInclusive) {
  const Value schema = integer().minimum(-2).maximum(3);
  for (const char* text : {"-2", "0", "3"}) EXPECT_TRUE(fits(schema, text)) << text;
  EXPECT_EQ(wrong_text(schema, "-3"), ": must be at least -2\n");
  EXPECT_EQ(wrong_text(schema, "4"), ": must be at most 3\n");
  const Value fractions = number().minimum(0).maximum(1);
  EXPECT_TRUE(fits(fractions, "0.5"));
  EXPECT_FALSE(fits(fractions, "-0.1"));
  EXPECT_FALSE(fits(fractions, "1.1"));
}

TEST(Schema, BoundsHoldWhereConversionsWouldLose) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  EXPECT_TRUE(fits(integer(), "18446744073709551615"));
  EXPECT_TRUE(fits(integer().minimum(kLeast).maximum(kMost), "9223372036854775807"));
  EXPECT_FALSE(fits(integer().maximum(kMost), "9223372036854775808"));
  EXPECT_FALSE(fits(integer().maximum(-1), "18446744073709551615"));
  EXPECT_TRUE(fits(integer().minimum(kMost), "18446744073709551615"));
  EXPECT_FALSE(fits(number().maximum(kMost), "9223372036854775808.0"));
  EXPECT_TRUE(fits(number().minimum(kLeast), "-9223372036854775808.0"));
  EXPECT_FALSE(fits(number().minimum((1LL << 53) + 1), "9007199254740992.0"));
}

TEST(Schema, LengthsOfStringsAreBytes) {
  const Value schema = string().min_length(2).max_length(4);
  EXPECT_EQ(wrong(schema, "a"), ": must have at least 2 bytes\n");
  EXPECT_TRUE(wrong(schema, "ab").empty());
  EXPECT_TRUE(wrong(schema, "\u00e4\u00f6").empty());
  EXPECT_EQ(wrong(schema, "\u00e4\u00f6x"), ": must have at most 4 bytes\n");
}

TEST(Schema, OneOfAndConstant) {
  EXPECT_TRUE(fits(string().one_of({"a", "b"}), R"("b")"));
  EXPECT_EQ(wrong_text(string().one_of({"a", "b"}), R"("c")"), ": must be one of [\"a\",\"b\"]\n");
  EXPECT_TRUE(fits(any().one_of({nullptr, 1, "x"}), "null"));
  EXPECT_FALSE(fits(any().one_of({nullptr, 1, "x"}), "true"));
  EXPECT_TRUE(fits(any().constant(7), "7"));
  EXPECT_EQ(wrong_text(any().constant(7), "\"7\""), ": must be 7\n");
  EXPECT_FALSE(fits(integer().constant(-1), "18446744073709551615")) << "the same 64 bits";
  EXPECT_FALSE(fits(integer().one_of({std::uint64_t{18446744073709551615U}}), "-1"));
}

TEST(Schema, LongDeclarationsDoNotComeBackWithEachViolation) {
  const std::string text = wrong(string().constant(std::string(10'000, 'x')), "y") +
                           wrong(string().pattern(std::string(10'000, 'x')), "y") +
                           wrong(string().one_of({std::string(10'000, 'x')}), "y");
  EXPECT_LT(text.size(), 300U);
}

TEST(Schema, PatternMatchesTheWholeValue) {
  const Value schema = string().pattern("[a-z]+|[0-9]");
  EXPECT_TRUE(wrong(schema, "abc").empty());
  EXPECT_TRUE(wrong(schema, "1").empty());
  EXPECT_EQ(wrong(schema, "abc1"), ": must match ^(?:[a-z]+|[0-9])$\n");
  for (const char* text : {"", "1a", "12", "abc\n", "\nabc"})
    EXPECT_FALSE(wrong(schema, text).empty()) << text;
  EXPECT_FALSE(wrong(schema, std::string("a\0b", 3)).empty());
  EXPECT_TRUE(wrong(string().pattern("."), "\u00e4").empty()) << "a dot is one character";
}

TEST(Schema, PatternsFinishOnLongStrings) {
  const std::string long_text(64 * 1024, 'a');
  EXPECT_TRUE(wrong(string().pattern("^[a-z]*$"), long_text).empty());
  EXPECT_TRUE(wrong(string().pattern("(a+)+$"), long_text).empty());
  EXPECT_FALSE(wrong(string().pattern("^[a-z]*$"), long_text + "!").empty());
  EXPECT_FALSE(wrong(string().pattern("(a+)+$"), long_text + "!").empty());
  EXPECT_FALSE(wrong(string().pattern("(a|aa)+(a|b?)+$"), long_text + "!").empty());
}

TEST(Schema, BadPatternsAreRefusedWhenDeclared) {
  for (const char* expression : {"(", "[a", "a**", "\\", "(?=a)", "(a)\\1", "a{1001}", "\xff"})
    EXPECT_THROW(string().pattern(expression), std::invalid_argument) << expression;
}

TEST(Schema, ItemsOfArrays) {
  const Value schema = array().min_items(1).max_items(3).items(integer().maximum(9));
  EXPECT_TRUE(fits(schema, "[1,2,9]"));
  EXPECT_EQ(wrong_text(schema, "[]"), ": must have at least 1 items\n");
  EXPECT_EQ(wrong_text(schema, "[1,2,3,true]"),
            ": must have at most 3 items\n/3: must be of type integer\n");
  EXPECT_TRUE(fits(array(), R"([1,"a",null])"));
}

TEST(Schema, PointersNameTheValue) {
  const Value schema = object()
                           .property("list", array().items(object().property("n", integer())))
                           .property("a/b~c", object().property("~", string().required()));
  EXPECT_EQ(wrong_text(schema, R"({"list":[{},{},{},{"n":"x"}],"a/b~c":{}})"),
            "/a~1b~0c/~0: is required\n/list/3/n: must be of type integer\n");
  EXPECT_EQ(wrong_text(schema, R"({"list":[{"~1":0}],"":1,"x/y":{"z":1}})"),
            "/: is unknown; leave it out\n/list/0/~01: is unknown; leave it out\n"
            "/x~1y: is unknown; leave it out\n");
  EXPECT_EQ(wrong_text(schema, "[]"), ": must be of type object\n");
}

TEST(Schema, LongForeignKeysDoNotComeBackWhole) {
  Json value = Json::object();
  value[std::string(100'000, 'k')] = 1;
  EXPECT_LT(wrong(object(), value).size(), 100U);
}

TEST(Schema, UnknownPropertiesAreRefusedUnlessOpen) {
  EXPECT_FALSE(fits(object(), R"({"x":1})"));
  EXPECT_TRUE(fits(object().open(), R"({"x":1,"y":{"z":[]}})"));
  const Value half_open = object().property("n", integer().required()).open();
  EXPECT_TRUE(fits(half_open, R"({"n":1,"x":1})"));
  EXPECT_EQ(wrong_text(half_open, R"({"x":1})"), "/n: is required\n");
  EXPECT_EQ(wrong_text(half_open, R"({"n":"1"})"), "/n: must be of type integer\n");
}

TEST(Schema, DefaultsAreFilledInAtEveryLevel) {
  const Value point = object().property("x", integer().fallback(1)).property("y", integer());
  const Value schema = object()
                           .property("given", point)
                           .property("absent", point)
                           .property("whole", Value(point).fallback(Json::object()))
                           .property("list", array().items(point))
                           .property("both", string().required().fallback("d"));
  Json value = Json::parse(R"({"given":{"y":2},"list":[{},{"x":5}]})");
  EXPECT_TRUE(schema.check(value).empty());
  EXPECT_EQ(value, Json::parse(R"({"given":{"x":1,"y":2},"whole":{"x":1},"list":[{"x":1},{"x":5}],
                                   "both":"d"})"));
}

TEST(Schema, AtMost32ViolationsAreReported) {
  static_assert(uds::schema::kMaxViolations == 32);
  Json list = Json::array();
  Json unknown = Json::object();
  for (int i = 0; i < 1'000; ++i) {
    list.push_back("x");
    unknown["k" + std::to_string(i)] = i;
  }
  EXPECT_EQ(array().items(integer()).check(list).size(), 32U);
  EXPECT_EQ(object().check(unknown).size(), 32U);
  Value many = object();
  for (int i = 0; i < 100; ++i) many.property("p" + std::to_string(i), any().required());
  EXPECT_EQ(many.check(unknown).size(), 32U);
  Json empty = Json::object();
  EXPECT_EQ(many.check(empty).size(), 32U);
}

TEST(Schema, ShowsItselfAsJsonSchema) {
  const Value schema =
      object()
          .summary("what")
          .property("s", string().required().min_length(1).max_length(8).pattern("a|b"))
          .property("n", number().minimum(-1).maximum(2).fallback(0))
          .property("l", array().min_items(1).max_items(2).items(boolean()))
          .property("e", any().one_of({"x", nullptr}))
          .property("c", integer().constant(4))
          .property("o", object().property("d", string().required().fallback("z")).open());
  EXPECT_EQ(schema.to_json(), Json::parse(R"({
    "type": "object", "description": "what", "required": ["s"], "additionalProperties": false,
    "properties": {
      "s": {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^(?:a|b)$"},
      "n": {"type": "number", "minimum": -1, "maximum": 2, "default": 0},
      "l": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "boolean"}},
      "e": {"enum": ["x", null]},
      "c": {"type": "integer", "const": 4},
      "o": {"type": "object", "additionalProperties": true,
            "properties": {"d": {"type": "string", "default": "z"}}}}})"));
  EXPECT_EQ(any().to_json(), Json::object());
}

TEST(Schema, NotesAreShownAndNotChecked) {
  const Value schema = object().property("s", string().note("writeOnly", true).note("x", "y"));
  EXPECT_EQ(schema.to_json().at("properties").at("s"),
            Json::parse(R"({"type":"string","writeOnly":true,"x":"y"})"));
  Json value = Json::parse(R"({"s":"a"})");
  EXPECT_TRUE(schema.check(value).empty());
  for (const char* keyword : {"type", "minimum", "required", "pattern"})
    EXPECT_THROW(string().note(keyword, 1), std::invalid_argument) << keyword;
}

TEST(Schema, DeclarationsThatMakeNoSenseThrow) {
  EXPECT_THROW(string().minimum(1), std::invalid_argument);
  EXPECT_THROW(any().maximum(1), std::invalid_argument);
  EXPECT_THROW(array().min_length(1), std::invalid_argument);
  EXPECT_THROW(array().max_length(1), std::invalid_argument);
  EXPECT_THROW(integer().pattern("a"), std::invalid_argument);
  EXPECT_THROW(string().min_items(1), std::invalid_argument);
  EXPECT_THROW(string().max_items(1), std::invalid_argument);
  EXPECT_THROW(object().items(any()), std::invalid_argument);
  EXPECT_THROW(array().property("x", any()), std::invalid_argument);
  EXPECT_THROW(array().open(), std::invalid_argument);
  EXPECT_THROW(string().one_of({}), std::invalid_argument);
  EXPECT_THROW(any().one_of({1, Json::array()}), std::invalid_argument);
  EXPECT_THROW(any().constant(Json::object()), std::invalid_argument);
  EXPECT_THROW(object().property("x", any()).property("x", any()), std::invalid_argument);
  EXPECT_THROW(object().property("x", integer().fallback("1")), std::invalid_argument);
  EXPECT_THROW(object().property("x", integer().fallback(3).maximum(2)), std::invalid_argument);
}

}  // namespace
