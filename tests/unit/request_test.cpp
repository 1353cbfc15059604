// What a frame must be to count as a request, what is answered when it is none, and what a client
// writes.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "uds/message.hpp"

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

uds::Json field_of(const uds::Rejection& rejection, const char* name) {
  return rejection.response.error().value(name, uds::Json());
}

TEST(Request, ReadsEveryField) {
  const auto request = uds::parse_request(
      R"({"id":7,"cmd":"files.copy","args":{"from":["a"]},"timeout_ms":2147483647,"detach":true})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, uds::RequestId(7));
  EXPECT_EQ(request->cmd, "files.copy");
  EXPECT_EQ(uds::to_json_text(request->args), R"({"from":["a"]})");
  EXPECT_EQ(request->timeout, 2147483647ms);
  EXPECT_TRUE(request->detach);
  EXPECT_FALSE(request->message);
}

TEST(Request, DefaultsAndIgnoredFields) {
  const auto request = uds::parse_request(R"( {"cmd":"ping","x-trace":{"a":[]},"x_b":1} )");
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->id.present());
  EXPECT_TRUE(request->args.is_null());
  EXPECT_FALSE(request->timeout);
  EXPECT_FALSE(request->detach);
}

TEST(Request, OriginalClientsRequest) {
  const std::string text = R"({"id":"request","message":"This is a request, please respond"})";
  ASSERT_EQ(text.size(), 62U);
  const auto request = uds::parse_request(text);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->cmd, "message");
  EXPECT_EQ(request->id, uds::RequestId("request"s));
  EXPECT_EQ(request->message, "This is a request, please respond");
  EXPECT_EQ(request->to_text(), text);
}

TEST(Request, IdsWithinTheirBounds) {
  struct Case {
    std::string id;
    bool accepted;
  };
  const Case cases[] = {
      {"0", true},
      {"-1", true},
      {"9007199254740991", true},
      {"-9007199254740991", true},
      {"9007199254740992", false},
      {"-9007199254740992", false},
      {"18446744073709551615", false},
      {"1.0", false},
      {"1e2", false},
      {"true", false},
      {"null", false},
      {"[1]", false},
      {"{}", false},
      {"\"\"", true},
      {"\"1\"", true},
      {"\"a\\n\\u0000\\\"\"", true},
      {"\"" + std::string(128, 'i') + "\"", true},
      {"\"" + std::string(129, 'i') + "\"", false},
      {"\"" + std::string(127, 'i') + "\xC3\xA9\"", false},
  };
  for (const auto& [id, accepted] : cases) {
    const auto request = uds::parse_request("{\"id\":" + id + ",\"cmd\":\"ping\"}");
    ASSERT_EQ(request.has_value(), accepted) << id;
    if (accepted) {
      std::string echoed;
      request->id.append_to(echoed);
      EXPECT_EQ(echoed, id);
      EXPECT_EQ(uds::to_json_text(request->id.to_json()), id);
    } else {
      EXPECT_EQ(field_of(request.error(), "field"), "id") << id;
      EXPECT_FALSE(request.error().id.present()) << id;
    }
  }
}

TEST(Request, AnAssignedIdIsAsOneBuiltFromAText) {
  for (uds::RequestId id :
       {uds::RequestId(), uds::RequestId(5), uds::RequestId(std::string(40, 'i'))}) {
    id.assign("5");
    EXPECT_EQ(id, uds::RequestId("5"s));
    EXPECT_NE(id, uds::RequestId(5));
    EXPECT_EQ(id.number(), nullptr);
    EXPECT_EQ(id.to_json(), uds::Json("5"));
    id.assign("");
    EXPECT_TRUE(id.present());
    EXPECT_EQ(id, uds::RequestId(""s));
  }
}

TEST(Request, IdsCompareByTypeAndUnescapedText) {
  EXPECT_NE(uds::RequestId(1), uds::RequestId("1"s));
  EXPECT_NE(uds::RequestId(), uds::RequestId(0));
  const auto plain = uds::parse_request(R"({"id":"a","cmd":"ping"})");
  const auto escaped = uds::parse_request(R"({"id":"\u0061","cmd":"ping"})");
  ASSERT_TRUE(plain && escaped);
  EXPECT_EQ(plain->id, escaped->id);
}

TEST(Request, BadRequestsNameTheField) {
  struct Case {
    std::string text;
    std::string field;
  };
  const Case cases[] = {
      {R"({"id":5})", "cmd"},
      {R"({"id":5,"cmd":1})", "cmd"},
      {R"({"id":5,"cmd":null})", "cmd"},
      {R"({"id":5,"cmd":""})", "cmd"},
      {R"({"id":5,"cmd":"Ping"})", "cmd"},
      {R"({"id":5,"cmd":"pi\u0000ng"})", "cmd"},
      {R"({"id":5,"cmd":"ping","message":"x"})", "message"},
      {R"({"id":5,"message":1})", "message"},
      {R"({"id":5,"cmd":"ping","args":[]})", "args"},
      {R"({"id":5,"cmd":"ping","args":null})", "args"},
      {R"({"id":5,"cmd":"ping","timeout_ms":0})", "timeout_ms"},
      {R"({"id":5,"cmd":"ping","timeout_ms":-1})", "timeout_ms"},
      {R"({"id":5,"cmd":"ping","timeout_ms":2147483648})", "timeout_ms"},
      {R"({"id":5,"cmd":"ping","timeout_ms":4294967297})", "timeout_ms"},
      {R"({"id":5,"cmd":"ping","timeout_ms":1.0})", "timeout_ms"},
      {R"({"id":5,"cmd":"ping","timeout_ms":"1"})", "timeout_ms"},
      {R"({"id":5,"cmd":"ping","detach":1})", "detach"},
      {R"({"id":5,"cmd":"ping","detach":null})", "detach"},
      {R"({"id":5,"cmd":"ping","uid":0})", "uid"},
      {R"({"id":5,"cmd":"ping","x":0})", "x"},
      {R"({"id":5,"cmd":"ping","":0})", ""},
      {R"({"id":5,"cmd":"ping","CMD":"ping"})", "CMD"},
      {R"({"id":5,"cmd":"ping","cmd\u0000":"ping"})", "cmd\0"s},
      {R"({"id":5,"cmd":"ping","method":"a.B"})", "method"},
      {"{\"id\":5,\"cmd\":\"ping\",\"" + std::string(127, 'k') + "\xC3\xA9\":1}",
       std::string(127, 'k')},
      {"{\"id\":5,\"cmd\":\"ping\",\"" + std::string(300, 'k') + "\":1}", std::string(128, 'k')},
  };
  for (const auto& [text, field] : cases) {
    const auto request = uds::parse_request(text);
    ASSERT_FALSE(request) << text;
    const uds::Rejection& rejection = request.error();
    EXPECT_EQ(rejection.response.code(), "bad_request") << text;
    EXPECT_EQ(field_of(rejection, "field"), field) << text;
    EXPECT_EQ(field_of(rejection, "retryable"), false);
    EXPECT_EQ(rejection.id, uds::RequestId(5)) << text;
    EXPECT_TRUE(rejection.attributed);
    EXPECT_FALSE(rejection.varlink_method);
  }
}

TEST(Request, BadFramesSayWhereAndWhy) {
  struct Case {
    std::string text;
    std::size_t offset;
    std::string reason;
  };
  const Case cases[] = {
      {"[]", 0, "not an object"},
      {"\"ping\"", 0, "not an object"},
      {"1", 0, "not an object"},
      {"ping", 0, "unexpected character"},
      {R"({"cmd":"ping"}{"cmd":"ping"})", 14, "text after the value"},
      {R"({"cmd":"ping","cmd":"shutdown"})", 18, "duplicate key"},
      {R"({"cmd":"ping","args":{"a":[{"b":1,"b":2}]}})", 36, "duplicate key"},
      {"{\"cmd\":\"ping\"}"s + '\0', 14, "NUL byte"},
  };
  for (const auto& [text, offset, reason] : cases) {
    const auto request = uds::parse_request(text);
    ASSERT_FALSE(request) << text;
    const uds::Rejection& rejection = request.error();
    EXPECT_EQ(rejection.response.code(), "bad_frame") << text;
    EXPECT_EQ(field_of(rejection, "offset"), offset) << text;
    EXPECT_EQ(field_of(rejection, "reason"), reason) << text;
    EXPECT_FALSE(rejection.id.present());
    EXPECT_FALSE(rejection.attributed);
  }
}

TEST(Request, AnswersNeverCarryALineBreakOfTheRequest) {
  const auto request = uds::parse_request(R"({"cmd":"ping","a\nb\u0000":1})");
  ASSERT_FALSE(request);
  std::string out;
  request.error().response.append_to(out);
  EXPECT_EQ(out.find('\n'), std::string::npos);
  EXPECT_EQ(out.find('\0'), std::string::npos);
  EXPECT_EQ(request.error().response.message().find("a\nb"), std::string::npos);
}

TEST(Request, MethodWithoutCmdIsVarlink) {
  const auto varlink =
      uds::parse_request(R"({"method":"org.varlink.service.GetInfo","parameters":{}})");
  ASSERT_FALSE(varlink);
  EXPECT_EQ(varlink.error().varlink_method, "org.varlink.service.GetInfo");
  EXPECT_EQ(varlink.error().response.code(), "bad_request");
  EXPECT_EQ(field_of(varlink.error(), "field"), "method");

  const auto number = uds::parse_request(R"({"method":1})");
  ASSERT_FALSE(number);
  EXPECT_FALSE(number.error().varlink_method);
  EXPECT_EQ(field_of(number.error(), "field"), "method");
}

TEST(Request, CommandNames) {
  for (const std::string& name : {"a"s, "ping"s, "log-level"s, "can-i"s, "a.b"s, "a1_-.b2"s,
                                  "run.list"s, "a.b.c.d"s, std::string(128, 'a')}) {
    EXPECT_TRUE(uds::is_command_name(name)) << name;
  }
  for (const std::string& name :
       {""s, "."s, "a."s, ".a"s, "a..b"s, "A"s, "aB"s, "1a"s, "-a"s, "_a"s, "a.1"s, "a.-b"s, "a b"s,
        "a/b"s, "a\n"s, "a\0"s, "\xC3\xA9"s, std::string(129, 'a')}) {
    EXPECT_FALSE(uds::is_command_name(name)) << name;
  }
}

TEST(Request, WritesOnlyWhatIsSet) {
  EXPECT_EQ(uds::Request("ping").to_text(), R"({"cmd":"ping"})");
  uds::Json args = uds::Json::object();
  args["text"] = "a\n\xC3\xA9\"";
  uds::Request request("echo", args);
  request.with_id("1\n"s).with_timeout(1500ms);
  request.detach = true;
  EXPECT_EQ(request.to_text(),
            "{\"id\":\"1\\n\",\"cmd\":\"echo\",\"args\":{\"text\":\"a\\n\xC3\xA9\\\"\"},"
            "\"timeout_ms\":1500,\"detach\":true}");
  const auto back = uds::parse_request(request.to_text());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->to_text(), request.to_text());
}

}  // namespace
