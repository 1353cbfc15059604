// Arguments of declared commands: what fits a program, and that both sides of the privilege border
// judge a value alike.
#include "declared/parameter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using uds::Json;
using udsd::Parameter;
using udsd::unfit_for_argument;
using Texts = std::vector<std::string>;

Parameter parameter(Parameter::Type type, uds::schema::Value rule) {
  Parameter out;
  out.name = "a";
  out.type = type;
  out.rule = std::move(rule);
  return out;
}

TEST(UnfitForArgument, TellsWhatNoProgramShouldGet) {
  EXPECT_FALSE(unfit_for_argument("plain; $(text) -x \u00e4 \u202e"));
  EXPECT_FALSE(unfit_for_argument(""));
  EXPECT_FALSE(unfit_for_argument(std::string(4096, 'x')));
  EXPECT_EQ(unfit_for_argument(std::string(4097, 'x')), "is longer than 4096 bytes");
  for (const char* text : {"a\nb", "a\tb", "\x1b[2J", "\x7f", "\u009b", "\u0085"})
    EXPECT_EQ(unfit_for_argument(text), "has a control character");
  EXPECT_EQ(unfit_for_argument(std::string_view("a\0b", 3)), "has a control character");
  for (const char* text : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80"})
    EXPECT_EQ(unfit_for_argument(text), "is no UTF-8");
  EXPECT_FALSE(unfit_for_argument("\u00a0\uFFFD")) << "odd, but text";
}

TEST(Parameter, TextsAreWhatTheValueSays) {
  EXPECT_EQ(parameter(Parameter::Type::String, uds::schema::string()).texts("x y").value(),
            Texts{"x y"});
  EXPECT_EQ(parameter(Parameter::Type::Integer, uds::schema::integer()).texts(-5).value(),
            Texts{"-5"});
  EXPECT_EQ(parameter(Parameter::Type::Boolean, uds::schema::boolean()).texts(true).value(),
            Texts{"true"});
  Parameter many = parameter(Parameter::Type::String, uds::schema::string());
  many.spread = true;
  EXPECT_EQ(many.texts(Json::array({"a", "b"})).value(), (Texts{"a", "b"}));
  EXPECT_EQ(many.texts(Json::array({"a", "b\n"})).error(), "a has a control character");
}

TEST(Parameter, TheOtherSideJudgesTheTextsAlike) {
  const auto number =
      parameter(Parameter::Type::Integer, uds::schema::integer().minimum(1).maximum(5));
  EXPECT_FALSE(number.problem({"3"}));
  EXPECT_TRUE(number.problem({"6"}));
  for (const char* text : {"", "x", "3x", " 3", "0x3", "3.0", "99999999999999999999"})
    EXPECT_EQ(number.problem({text}), "a is of another type") << text;
  const auto word =
      parameter(Parameter::Type::String, uds::schema::string().pattern("[a-z]+").max_length(3));
  EXPECT_FALSE(word.problem({"abc"}));
  EXPECT_TRUE(word.problem({"abcd"}));
  EXPECT_TRUE(word.problem({"abc\n"}));
  EXPECT_TRUE(word.problem({"a;b"}));
  EXPECT_EQ(word.problem({"a", "b"}), "a is one value");
  EXPECT_EQ(word.problem({}), "a is one value");
  Parameter many = word;
  many.spread = true;
  many.max_items = 2;
  EXPECT_FALSE(many.problem({}));
  EXPECT_FALSE(many.problem({"a", "b"}));
  EXPECT_TRUE(many.problem({"a", "b", "c"}));
  EXPECT_TRUE(many.problem({"a", "B"}));
  EXPECT_FALSE(parameter(Parameter::Type::Boolean, uds::schema::boolean()).problem({"false"}));
  EXPECT_TRUE(parameter(Parameter::Type::Boolean, uds::schema::boolean()).problem({"no"}));
}

TEST(Parameter, TheSchemaSaysWhetherItMustBeThere) {
  Parameter plain = parameter(Parameter::Type::String, uds::schema::string());
  const auto check = [](const Parameter& each, Json arguments) {
    uds::schema::Value whole = uds::schema::object();
    whole.property(each.name, each.schema());
    const bool fits = whole.check(arguments).empty();
    return fits ? arguments : Json("no");
  };
  EXPECT_EQ(check(plain, Json::object()), "no");
  plain.required = false;
  EXPECT_EQ(check(plain, Json::object()), Json::object());
  plain.fallback = "x";
  EXPECT_EQ(check(plain, Json::object()).at("a"), "x");
}

}  // namespace
