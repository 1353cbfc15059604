// What an ERROR says to people: by codes and fields, with the verbs of udsctl.
#include "error_sentence.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace {

using uds::Code;
using uds::Json;
using uds::Response;
using udsctl::sentence_of;

Response error(Code code, const char* details) {
  return Response::error(code, "as the daemon says", Json::parse(details));
}

TEST(ErrorSentence, AnUnknownCommand) {
  const Response unknown = error(Code::UnknownCommand, R"({"did_you_mean":[]})");
  EXPECT_EQ(sentence_of(unknown, "a.b"),
            "there is no command a.b, or none that you may know; udsctl list shows those you may "
            "use");
  EXPECT_EQ(sentence_of(unknown, ""),
            "there is no such command; udsctl list shows those you may use");
  EXPECT_EQ(sentence_of(error(Code::UnknownCommand, R"({"did_you_mean":["a.c"]})"), "a.b"),
            "as the daemon says");
  EXPECT_EQ(sentence_of(error(Code::UnknownCommand, "{}"), "a.b"), "as the daemon says");
}

TEST(ErrorSentence, ArgumentsThatDoNotFit) {
  const Response unfit = error(
      Code::InvalidArgs, R"({"errors":[{"pointer":"/pages/0","message":"must be at most 9"}]})");
  EXPECT_EQ(sentence_of(unfit, "a.b"),
            "the arguments do not fit: pages/0 must be at most 9; udsctl describe a.b says what it "
            "takes");
  EXPECT_EQ(sentence_of(unfit, ""), "as the daemon says");
  for (const char* details : {"{}", R"({"errors":[]})", R"({"errors":[7]})",
                              R"({"errors":[{"pointer":"","message":"x"}]})"})
    EXPECT_EQ(sentence_of(error(Code::InvalidArgs, details), "a.b"), "as the daemon says")
        << details;
}

TEST(ErrorSentence, TheCommandThatIsAskedFor) {
  udsctl::Options options;
  const auto command = [&options](const char* verb, std::vector<std::string> arguments) {
    options.verb = verb;
    options.arguments = std::move(arguments);
    return udsctl::command_of(options);
  };
  EXPECT_EQ(command("run", {"a.b", "x"}), "a.b");
  EXPECT_EQ(command("describe", {"a.b"}), "a.b");
  EXPECT_EQ(command("log-level", {"loud"}), "log-level");
  EXPECT_EQ(command("show", {"a"}), "");
  EXPECT_EQ(command("call", {}), "");
}

}  // namespace
