// read_request(): every form of a request that a person may write, and what is refused.
#include "request_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using udsctl::read_request;

std::string line(std::string_view text, std::optional<std::int64_t> id = 1,
                 std::optional<std::chrono::milliseconds> timeout = std::nullopt) {
  const auto request = read_request(text, id, timeout);
  if (request) return request->line;
  EXPECT_TRUE(request.error().is(uds::Errc::NotARequest));
  return "refused: " + request.error().message();
}

bool refused(std::string_view text, std::string_view why) {
  const std::string result = line(text);
  return result.starts_with("refused") && result.find(why) != std::string::npos;
}

TEST(RequestText, AddsAnIdWhereNoneIs) {
  EXPECT_EQ(line(R"({"cmd":"ping"})"), R"({"id":1,"cmd":"ping"})");
  EXPECT_EQ(line("{}"), R"({"id":1})");
  EXPECT_EQ(line(R"({"cmd":"ping"})", std::nullopt), R"({"cmd":"ping"})");
}

TEST(RequestText, KeepsTheIdThatIsThere) {
  const auto request = read_request(R"({"cmd":"ping","id":"mine"})", 1, std::nullopt);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->line, R"({"cmd":"ping","id":"mine"})");
  EXPECT_EQ(request->id, uds::RequestId(std::string("mine")));
}

TEST(RequestText, LeavesAnInvalidIdForTheDaemonToJudge) {
  const auto request = read_request(R"({"cmd":"ping","id":1.5})", 1, std::nullopt);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->line, R"({"cmd":"ping","id":1.5})");
  EXPECT_FALSE(request->id.present());
}

TEST(RequestText, AddsTheTimeoutWhereNoneIs) {
  EXPECT_EQ(line(R"({"cmd":"a.b"})", 3, 5s), R"({"id":3,"timeout_ms":5000,"cmd":"a.b"})");
  EXPECT_EQ(line(R"({"cmd":"a.b","timeout_ms":1})", 3, 5s),
            R"({"id":3,"cmd":"a.b","timeout_ms":1})");
  EXPECT_EQ(line("{}", std::nullopt, 5s), R"({"timeout_ms":5000})");
}

TEST(RequestText, TakesTheOutermostPairWrittenWithAngles) {
  EXPECT_EQ(line(R"(<"cmd":"ping">)"), R"({"id":1,"cmd":"ping"})");
  EXPECT_EQ(line(R"( <"cmd":"echo","args":{"a":"<>"}> )"),
            R"({"id":1,"cmd":"echo","args":{"a":"<>"}})");
  EXPECT_EQ(line("<>"), R"({"id":1})");
  EXPECT_TRUE(refused(R"(<"cmd":"ping"})", "byte 0"));
  EXPECT_TRUE(refused(R"({"cmd":"ping">)", "byte 13"));
  EXPECT_TRUE(refused(R"(<"cmd":"echo","args":<"a":1>>)", "byte"));
  EXPECT_TRUE(refused("<", "byte 0"));
}

TEST(RequestText, PutsTheTextOnOneLineAndChangesNothingElse) {
  EXPECT_EQ(line("{\n  \"cmd\": \"echo\",\r\n  \"args\": {\"x\": 1.0, \"y\": \"a\\nb\"}\n}\n"),
            "{\"id\":1,   \"cmd\": \"echo\",    \"args\": {\"x\": 1.0, \"y\": \"a\\nb\"} }");
}

TEST(RequestText, RefusesWhatIsNoRequestAndSaysWhatOneIs) {
  for (const char* text :
       {"", " \n ", "ping", "[]", "\"x\"", "1", "null", "{", "{\"cmd\":\"ping\"}{}", "{'cmd':1}",
        "{\"a\":1,\"a\":2}", "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}"}) {
    EXPECT_TRUE(refused(text, "<\"cmd\":\"ping\">")) << text;
  }
  EXPECT_TRUE(refused("", "empty"));
  EXPECT_TRUE(refused("[1]", "no object"));
}

}  // namespace
