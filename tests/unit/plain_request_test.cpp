// The shortest way to a request: what it reads, it reads as the strict parser does; what it does
// not know, it leaves alone.
#include "plain_request.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "request_reader.hpp"

namespace {

using namespace std::string_view_literals;
using uds::Limits;
using uds::Request;
using uds::detail::judge_request;
using uds::detail::read_plain_request;

bool is_untouched(const Request& request) {
  return !request.id.present() && request.cmd.empty() && request.args.is_null() && !request.timeout;
}

std::string with_id(std::size_t size) {
  return R"({"id":")" + std::string(size, 'i') + R"(","cmd":"ping"})";
}

std::string with_cmd(std::size_t size) {
  return R"({"id":1,"cmd":")" + std::string(size, 'c') + "\"}";
}

TEST(PlainRequest, ReadsAsTheStrictParserDoes) {
  for (const std::string& text : std::initializer_list<std::string>{
           R"({"id" :1,"cmd" :"ping"})",
           R"({"id": "x","cmd": "ping"})",
           R"({ "id":1, "cmd":"ping"})",
           R"({"args":{},"timeout_ms":5,"id":"","cmd":"ping"})",
           with_id(15),
           with_id(16),
           with_id(17),
           with_id(33),
           with_id(128),
           with_cmd(128),
           R"({"cmd":"ping"})",
           R"({"id":"42","cmd":"ping"})",
           R"({"id":42,"cmd":"ping"})",
           R"({"id":-42,"cmd":"ping","timeout_ms":1})",
           R"({"id":0,"timeout_ms":2147483647,"args":{},"cmd":"a.b-c_d.e9"})",
           " \t\r\n{ \"cmd\" : \"ping\" , \"id\"\t:\n7 , \"args\" : { } } \n",
           R"({"id":"","cmd":"ping"})",
           R"({"id":"a b~!#[]{},:","cmd":"ping"})",
           R"({"id":9007199254740991,"cmd":"ping"})",
           R"({"id":-9007199254740991,"cmd":"ping"})",
           "{\"id\":\"\x7F\",\"cmd\":\"ping\"}",
       }) {
    Request request{std::string()};
    ASSERT_TRUE(read_plain_request(text, {}, request)) << text;
    const auto strict = judge_request(text, {});
    ASSERT_TRUE(strict) << text;
    EXPECT_EQ(request.id, strict->id) << text;
    EXPECT_EQ(request.cmd, strict->cmd) << text;
    EXPECT_EQ(request.args, strict->args) << text;
    EXPECT_EQ(request.timeout, strict->timeout) << text;
  }
}

TEST(PlainRequest, LeavesEverythingElseAlone) {
  for (const std::string& text : std::initializer_list<std::string>{
           R"({"id":1,"id" :2,"cmd":"ping"})",
           R"({"id":"","id":1,"cmd":"ping"})",
           R"({"id":1,"id":"","cmd":"ping"})",
           R"({"id":"a","id":"b","cmd":"ping"})",
           R"({"cmd":"ping","cmd" :"ping"})",
           R"({"i":1,"cmd":"ping"})",
           R"({"idx":1,"cmd":"ping"})",
           R"({"cmd":"ping","cmdx":"ping"})",
           R"({"cmd":"ping","arg":{}})",
           R"({"cmd":"ping","timeout":1})",
           R"({"cmd":"ping","":1})",
           with_id(129),
           with_cmd(129),
           "",
           " ",
           "{",
           "{}",
           "[]",
           "1",
           R"({"cmd")",
           R"({"cmd":)",
           R"({"cmd":"ping")",
           R"({"cmd":"ping)",
           R"({"cmd":"ping"}x)",
           R"({"cmd":"ping"}{})",
           R"({"cmd":"ping",})",
           R"({,"cmd":"ping"})",
           R"({"cmd":"ping" "id":1})",
           R"({"cmd":"ping","cmd":"ping"})",
           R"({"cmd":"","cmd":"ping"})",
           R"({"cmd":"","cmd":"","cmd":"ping"})",
           R"({"id":1,"id":1,"cmd":"ping"})",
           R"({"id":"a","id":1,"cmd":"ping"})",
           R"({"args":{},"args":{},"cmd":"ping"})",
           R"({"timeout_ms":1,"timeout_ms":1,"cmd":"ping"})",
           R"({"cmd":""})",
           R"({"cmd":"Ping"})",
           R"({"cmd":1})",
           R"({"id":1})",
           R"({"id":null,"cmd":"ping"})",
           R"({"id":true,"cmd":"ping"})",
           R"({"id":1.0,"cmd":"ping"})",
           R"({"id":1e0,"cmd":"ping"})",
           R"({"id":-0,"cmd":"ping"})",
           R"({"id":01,"cmd":"ping"})",
           R"({"id":-01,"cmd":"ping"})",
           R"({"id":-,"cmd":"ping"})",
           R"({"id":+1,"cmd":"ping"})",
           R"({"id":9007199254740992,"cmd":"ping"})",
           R"({"id":-9007199254740992,"cmd":"ping"})",
           R"({"id":99999999999999999999,"cmd":"ping"})",
           R"({"id":"\u0061","cmd":"ping"})",
           R"({"id":"\n","cmd":"ping"})",
           "{\"id\":\"\n\",\"cmd\":\"ping\"}",
           "{\"id\":\"\xC3\xA9\",\"cmd\":\"ping\"}",
           "{\"id\":\"\xFF\",\"cmd\":\"ping\"}",
           "\xEF\xBB\xBF{\"cmd\":\"ping\"}",
           R"({"cmd":"ping","timeout_ms":0})",
           R"({"cmd":"ping","timeout_ms":-1})",
           R"({"cmd":"ping","timeout_ms":2147483648})",
           R"({"cmd":"ping","timeout_ms":"1"})",
           R"({"cmd":"ping","args":{"a":1}})",
           R"({"cmd":"ping","args":[]})",
           R"({"cmd":"ping","args":null})",
           R"({"cmd":"ping","detach":true})",
           R"({"cmd":"ping","x-a":1})",
           R"({"message":"m"})",
           R"({"method":"m"})",
           "\v{\"cmd\":\"ping\"}",
       }) {
    Request request{std::string()};
    EXPECT_FALSE(read_plain_request(text, {}, request)) << text;
    EXPECT_TRUE(is_untouched(request)) << text;
  }
  const std::string nul("{\"cmd\":\"ping\"}\0", 15);
  Request request{std::string()};
  EXPECT_FALSE(read_plain_request(nul, {}, request));
  EXPECT_TRUE(is_untouched(request));
  for (const char special : {'"', '\\', '\x1F', '\x80', '\0'}) {
    for (std::size_t place = 0; place < 33; ++place) {
      std::string text = with_id(33);
      text[R"({"id":")"sv.size() + place] = special;
      EXPECT_FALSE(read_plain_request(text, {}, request)) << place;
      EXPECT_TRUE(is_untouched(request)) << place;
    }
  }
}

/// `text` with nothing behind it that may be read: there AddressSanitizer watches.
bool reads_alone(std::string_view text, Request& request) {
  const std::vector<char> bytes(text.begin(), text.end());
  return read_plain_request({bytes.data(), bytes.size()}, {}, request);
}

TEST(PlainRequest, EveryTruncationIsLeftAlone) {
  const std::string text = R"({"id":"42","cmd":"ping","args":{},"timeout_ms":1000})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    Request request{std::string()};
    EXPECT_FALSE(reads_alone(text.substr(0, size), request)) << size;
    EXPECT_TRUE(is_untouched(request)) << size;
  }
}

TEST(PlainRequest, NothingIsReadBehindTheLastBrace) {
  const std::string text = R"({"cmd":"ping","id":-1,"args":{ },"timeout_ms":10})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    Request request{std::string()};
    const std::string closed = text.substr(0, size) + "}";
    EXPECT_EQ(reads_alone(closed, request), judge_request(closed, {}).has_value()) << closed;
  }
  for (const std::string_view closed : {"}", "{}", "{}}", "}}", "{{}", "}{}", " } "}) {
    Request request{std::string()};
    EXPECT_FALSE(reads_alone(closed, request)) << closed;
  }
}

TEST(PlainRequest, KeepsTheLimits) {
  const auto reads = [](const std::string& text, std::size_t depth, std::size_t values) {
    Limits limits;
    limits.json_depth = depth;
    limits.json_values = values;
    Request request{std::string()};
    const bool read = read_plain_request(text, limits, request);
    EXPECT_EQ(read, judge_request(text, limits).has_value()) << text << depth << values;
    EXPECT_NE(read, is_untouched(request)) << text << depth << values;
    return read;
  };
  EXPECT_TRUE(reads(R"({"cmd":"ping","id":1})", 1, 3));
  EXPECT_FALSE(reads(R"({"cmd":"ping","id":1})", 1, 2));
  EXPECT_FALSE(reads(R"({"cmd":"ping","id":1})", 0, 3));
  EXPECT_TRUE(reads(R"({"cmd":"ping","args":{}})", 2, 3));
  EXPECT_FALSE(reads(R"({"cmd":"ping","args":{}})", 1, 3));
  const std::string longest(uds::RequestId::kMaxBytes, 'x');
  EXPECT_TRUE(reads(R"({"cmd":"ping","id":")" + longest + "\"}", 64, 100));
  EXPECT_FALSE(reads(R"({"cmd":"ping","id":"y)" + longest + "\"}", 64, 100));
}

}  // namespace
