// The short way to read output: gives what the long way gives, or leaves it to that.
#include "plain_output.hpp"

#include <gtest/gtest.h>

#include <string>

#include "uds/message.hpp"

namespace {

using uds::Output;
using uds::Response;
using uds::detail::read_plain_output;

std::string written(const std::string& bytes, uds::RequestId id = std::int64_t{7}) {
  std::string out;
  uds::Json data = uds::Json::object();
  data["event"] = 3;
  Response::output(Output::Stream::Stderr, bytes).with_data(data).append_to(out, id, 9);
  return out;
}

/// Reads `text` with limits that keep from the short way.
auto long_way(const std::string& text) {
  uds::Limits limits;
  limits.json_values = 9;
  return Response::parse(text, limits);
}

TEST(PlainOutput, ReadsWhatTheLibraryWrites) {
  std::string all;
  for (int byte = 0; byte < 0x80; ++byte) all += static_cast<char>(byte);
  const std::string texts[] = {"",
                               "x",
                               "line\n",
                               "\"\\/\b\f\n\r\t",
                               all,
                               "\u00e4\u20ac\U0001F600 " + std::string(50, 'y'),
                               std::string(70'000, 'z'),
                               std::string(900, '\0'),
                               "\xFF\xFE"};
  for (const std::string& bytes : texts) {
    const std::string text = written(bytes);
    const auto plain = read_plain_output(text);
    ASSERT_TRUE(plain) << text.substr(0, 200);
    EXPECT_EQ(plain->output.bytes, bytes);
    EXPECT_EQ(plain->output.stream, Output::Stream::Stderr);
    EXPECT_EQ(plain->seq, 9U);
    EXPECT_EQ(plain->event, 3U);
    const auto response = Response::parse(text);
    ASSERT_TRUE(response);
    std::string again;
    response->append_to(again);
    EXPECT_EQ(again, text);
  }
  EXPECT_EQ(read_plain_output(written("x", std::string("a b")))->id, uds::RequestId("a b"));
}

TEST(PlainOutput, AgreesWithTheLongWayOnEveryChangeOfAByte) {
  const std::string text = written(
      "a\n\u00e4\x01"
      "b");
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      const auto plain = read_plain_output(changed);
      if (!plain) continue;
      // nlohmann's reader is asked, since limits cannot be made so small for an id of one digit.
      const auto response = Response::parse(changed);
      const auto strict = uds::parse_json(changed);
      ASSERT_TRUE(strict) << changed;
      EXPECT_EQ(strict->at("output").at("text"), plain->output.bytes) << changed;
      EXPECT_EQ(strict->at("seq"), plain->seq) << changed;
      EXPECT_TRUE(response) << changed;
    }
  }
}

TEST(PlainOutput, LeavesTheRestToTheLongWay) {
  const std::string text = written("x");
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(read_plain_output(text.substr(0, size)));
  EXPECT_FALSE(read_plain_output(text + " "));
  EXPECT_FALSE(read_plain_output(" " + text));
  EXPECT_FALSE(long_way(text));
}

TEST(Output, ControlsTravelAsBase64) {
  std::string out;
  Response::output(Output::Stream::Stdout, std::string(1'000, '\0')).append_to(out);
  EXPECT_NE(out.find("base64"), std::string::npos);
  EXPECT_LT(out.size(), 1'500U);
  EXPECT_EQ(Response::parse(out)->output()->bytes, std::string(1'000, '\0'));
}

}  // namespace
