// The argument vector of a declared command: a value is one argument, exactly as it came, or
// nothing is run.
#include "declared/exec_template.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using udsd::ArgumentTexts;
using udsd::ExecTemplate;
using Element = ExecTemplate::Element;
using Part = ExecTemplate::Part;
using Argv = std::vector<std::string>;

Part part(std::initializer_list<const char*> texts, bool group = false) {
  Part out{{}, group};
  for (const char* text : texts) out.elements.push_back(Element::parse(text).value());
  return out;
}

ExecTemplate made(std::vector<Part> parts) {
  parts.insert(parts.begin(), part({"/bin/x"}));
  return ExecTemplate::make(std::move(parts)).value();
}

std::string wrong(const char* text) {
  const auto element = Element::parse(text);
  return element ? "" : element.error();
}

/// What stands behind the program, or why nothing is run.
uds::Result<Argv, std::string> expand(const ExecTemplate& exec, const ArgumentTexts& values) {
  auto argv = exec.expand(values);
  if (argv) argv->erase(argv->begin());
  return argv;
}

const std::vector<std::string>& hostile_values() {
  static const std::vector<std::string> values = [] {
    std::vector<std::string> out{"",
                                 " ",
                                 "-",
                                 "--",
                                 "-rf",
                                 "--help",
                                 ";id",
                                 "$(id)",
                                 "`id`",
                                 "|id",
                                 "&",
                                 "&&",
                                 "||",
                                 ">x",
                                 "<x",
                                 "*",
                                 "?",
                                 "[a]",
                                 "~",
                                 "~root",
                                 "!!",
                                 "#",
                                 "%s",
                                 "%n",
                                 "{}",
                                 "{a}",
                                 "{{a}}",
                                 "}",
                                 "{",
                                 "\\",
                                 "\"",
                                 "'",
                                 "a b",
                                 "a\tb",
                                 "a\nb",
                                 "a\rb",
                                 "../",
                                 "../../etc/passwd",
                                 "/etc/shadow",
                                 "\xff",
                                 "\xc3\x28",
                                 "\u202e",
                                 "\ufeff",
                                 "=",
                                 "a=b",
                                 "@file",
                                 "+x",
                                 "\x7f",
                                 "\x1b[2J",
                                 "0",
                                 "-0",
                                 "1e9",
                                 "null",
                                 "true"};
    for (int byte = 1; byte < 128; ++byte)
      out.push_back("a" + std::string(1, static_cast<char>(byte)));
    for (const std::size_t size : {4'095U, 4'096U, 65'536U}) out.emplace_back(size, 'x');
    for (const char* text : {"$HOME", "${IFS}", "$'x'", "a;b", "a|b", "a&b", "(x)", "a>b", "a<b",
                             "\\n", "\\x00", "%00", "%0a", "..%2f", "file:///", "x'y\"z"})
      out.emplace_back(text);
    return out;
  }();
  return values;
}

TEST(ExecElement, ReadsPlacesAndBraces) {
  EXPECT_TRUE(Element::parse("plain")->literal());
  EXPECT_TRUE(Element::parse("")->literal());
  EXPECT_EQ(Element::parse("{{a}}")->with({}), "{a}");
  const auto place = Element::parse("--since={from_day}.{{x");
  EXPECT_EQ(place->argument(), "from_day");
  EXPECT_EQ(place->with("now"), "--since=now.{x");
  EXPECT_FALSE(place->bare());
  EXPECT_TRUE(Element::parse("{a}")->bare());
}

TEST(ExecElement, SaysWhatIsWrong) {
  for (const char* text : {"{", "{a", "{}", "{A}", "{1a}", "{a b}", "{{{", "{a-b}"})
    EXPECT_NE(wrong(text).find("a place is written {name}"), std::string::npos) << text;
  EXPECT_NE(wrong("a}").find("write }} for one"), std::string::npos);
  EXPECT_NE(wrong("{a}{b}").find("one place at most"), std::string::npos);
}

TEST(ExecTemplate, BeginsWithAProgram) {
  EXPECT_FALSE(ExecTemplate::make({}));
  EXPECT_FALSE(ExecTemplate::make({part({"bin/x"})}));
  EXPECT_FALSE(ExecTemplate::make({part({"{a}"})}));
  EXPECT_FALSE(ExecTemplate::make({part({"/bin/{a}"})}));
  EXPECT_FALSE(ExecTemplate::make({part({"/bin/x"}, true)}));
  EXPECT_FALSE(ExecTemplate::make({part({"/bin/x"}), part({"-v"}, true)})) << "it never vanishes";
  EXPECT_EQ(made({}).program(), "/bin/x");
}

TEST(ExecTemplate, NamesItsArgumentsOnce) {
  const auto exec = made({part({"{a}", "x", "{b}"}), part({"-v", "{a}"}, true)});
  EXPECT_EQ(exec.arguments(), (Argv{"a", "b"}));
}

TEST(ExecTemplate, AGroupVanishesWithItsArgument) {
  const auto exec = made({part({"-n", "{lines}"}, true), part({"--"}), part({"{unit}"})});
  EXPECT_EQ(expand(exec, {{"unit", {"u"}}, {"lines", {"5"}}}).value(),
            (Argv{"-n", "5", "--", "u"}));
  EXPECT_EQ(expand(exec, {{"unit", {"u"}}}).value(), (Argv{"--", "u"}));
  EXPECT_EQ(expand(exec, {{"lines", {"5"}}}).error(), "unit has no value");
}

TEST(ExecTemplate, AnArgumentThatSpreadsIsOneElementEach) {
  const auto exec = made({part({"--file={f}"}), part({"--"}), part({"{f}"})});
  EXPECT_EQ(expand(exec, {{"f", {"a", "b c"}}}).value(),
            (Argv{"--file=a", "--file=b c", "--", "a", "b c"}));
  EXPECT_EQ(expand(exec, {{"f", {}}}).value(), Argv{"--"});
  const auto group = made({part({"-f", "{f}"}, true)});
  EXPECT_EQ(expand(group, {{"f", {"a", "b"}}}).value(), (Argv{"-f", "a", "b"}));
  EXPECT_EQ(expand(group, {{"f", {}}}).value(), Argv{}) << "an empty list is no value";
}

TEST(ExecTemplate, AValueNeverBecomesAnOption) {
  const ArgumentTexts dash{{"a", {"-rf"}}};
  EXPECT_EQ(expand(made({part({"{a}"})}), dash).error(),
            "a must not begin with a hyphen: the program could take it for an option");
  EXPECT_FALSE(expand(made({part({"{a}", "--"})}), dash)) << "it stands before the end of options";
  EXPECT_FALSE(expand(made({part({"{a}x"})}), dash));
  EXPECT_FALSE(expand(made({part({"--", "{b}"}, true), part({"{a}"})}), dash))
      << "the end of options has vanished";
  EXPECT_EQ(expand(made({part({"--", "{a}"})}), dash).value(), (Argv{"--", "-rf"}));
  EXPECT_EQ(expand(made({part({"--x={a}"})}), dash).value(), Argv{"--x=-rf"});
}

TEST(ExecTemplate, KnowsWhereAHyphenIsRefused) {
  const auto refuses = [](std::vector<Part> parts) {
    return made(std::move(parts)).refuses_hyphen("a", [](const std::string& name) {
      return name == "always";
    });
  };
  EXPECT_TRUE(refuses({part({"{a}"})}));
  EXPECT_TRUE(refuses({part({"--x={a}"}), part({"{a}"})})) << "one of its places";
  EXPECT_TRUE(refuses({part({"--", "{b}"}, true), part({"{a}"})})) << "a group may be absent";
  EXPECT_FALSE(refuses({part({"--", "{always}"}, true), part({"{a}"})}));
  EXPECT_FALSE(refuses({part({"--", "{a}"}, true)}));
  EXPECT_FALSE(refuses({part({"--"}), part({"{a}"})}));
  EXPECT_FALSE(refuses({part({"--x={a}"})}));
  EXPECT_FALSE(refuses({part({"{b}"})}));
}

TEST(ExecTemplate, AHostileValueIsOneArgumentOrNothing) {
  ASSERT_GE(hostile_values().size(), 200U);
  for (const std::string& value : hostile_values()) {
    const ArgumentTexts values{{"a", {value}}};
    const auto bare = expand(made({part({"{a}"})}), values);
    if (value.starts_with('-'))
      EXPECT_FALSE(bare) << value;
    else
      EXPECT_EQ(bare.value(), Argv{value});
    EXPECT_EQ(expand(made({part({"--", "{a}"})}), values).value(), (Argv{"--", value}));
    EXPECT_EQ(expand(made({part({"x={a}.y"})}), values).value(), Argv{"x=" + value + ".y"});
    EXPECT_EQ(expand(made({part({"-f", "/x/{a}"}, true)}), values).value(),
              (Argv{"-f", "/x/" + value}));
  }
}

}  // namespace
