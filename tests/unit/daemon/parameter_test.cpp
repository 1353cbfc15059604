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
  for (const char* text : {"", "x", "3x", " 3", "0x3", "3.0", "99999999999999999999", "03", "+3",
                           "3 ", "3e0", "\"3\""})
    EXPECT_TRUE(number.problem({text})) << text;
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

TEST(Parameter, WhatOneSideWritesTheOtherTakes) {
  const auto integer = parameter(Parameter::Type::Integer, uds::schema::integer());
  const auto number = parameter(Parameter::Type::Number, uds::schema::number());
  for (const char* text : {"0", "-0", "1", "-1", "9007199254740993", "9223372036854775807",
                           "-9223372036854775808", "18446744073709551615"}) {
    const auto texts = integer.texts(uds::parse_json(text).value()).value();
    EXPECT_EQ(integer.problem(texts), std::nullopt) << text;
    EXPECT_EQ(number.problem(texts), std::nullopt) << text;
  }
  for (const char* text :
       {"0.0", "-0.0", "1.0", "0.1", "1e2", "1E+300", "-2.5e-300", "5e-324",
        "1.7976931348623157e308", "0.30000000000000004", "123456789.123456789"}) {
    const Json value = uds::parse_json(text).value();
    const auto texts = number.texts(value).value();
    EXPECT_EQ(number.problem(texts), std::nullopt) << text << " became " << texts.front();
    EXPECT_EQ(uds::parse_json(texts.front()).value(), value) << text;
  }
  for (const char* text : {"inf", "nan", "-inf", "infinity", "1e999", "1.", ".5", "1e2", "0x1p3",
                           "1.00", "[1]", "null", "true"})
    EXPECT_TRUE(number.problem({text})) << text;
}

TEST(Parameter, APathStaysBelowItsDirectory) {
  Parameter path = parameter(Parameter::Type::Path, uds::schema::string());
  for (const char* below : {"/srv/www", "/srv/www/"}) {
    path.below = below;
    EXPECT_EQ(path.part_below("site/a.html"), "site/a.html");
    EXPECT_EQ(path.part_below("..."), "...");
    EXPECT_EQ(path.part_below("/srv/www/site"), "site");
    for (const char* text :
         {"", ".", "..", "/", "/srv/www", "/srv/www/", "/srv/wwwx", "/srv", "/etc/passwd", "../x",
          "a/..", "a/../b", "a/./b", "./a", "a//b", "a/", "/srv/www/../x"}) {
      EXPECT_EQ(path.part_below(text), std::nullopt) << text;
      EXPECT_TRUE(path.problem({text})) << text;
      EXPECT_FALSE(path.texts(text)) << text;
    }
    EXPECT_EQ(path.problem({"site/a"}), std::nullopt);
  }
  path.below = "/";
  EXPECT_EQ(path.part_below("/etc/x"), "etc/x");
}

TEST(Parameter, TheSchemaSaysWhereAPathLiesAndWhatIsSecret) {
  Parameter path = parameter(Parameter::Type::Path, uds::schema::string());
  path.below = "/srv/www";
  EXPECT_EQ(path.schema().to_json().at("below"), "/srv/www");
  path.spread = true;
  EXPECT_EQ(path.schema().to_json().at("items").at("below"), "/srv/www");
  Parameter secret = parameter(Parameter::Type::String, uds::schema::string());
  EXPECT_FALSE(secret.schema().to_json().contains("writeOnly"));
  secret.secret = true;
  EXPECT_EQ(secret.schema().to_json().at("writeOnly"), true);
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
