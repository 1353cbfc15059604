// ReplyReader without a socket: split and merged bytes, both terminators, bounds, and the two ways
// a stream may end.
#include "reply_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace std::string_literals;
using uds::Errc;
using uds::detail::ReplyReader;

const std::string kFirst = R"({"id":1,"status":"PROCESSING","message":"a"})";
const std::string kSecond = R"({"id":1,"status":"OK","message":"b"})";

void feed(ReplyReader& reader, std::string_view bytes) {
  const std::span<char> room = reader.prepare(bytes.size());
  ASSERT_GE(room.size(), bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.begin());
  reader.commit(bytes.size());
}

/// The messages of all responses that are there, then "more" or the sentence of the error's code.
std::vector<std::string> drain(ReplyReader& reader) {
  std::vector<std::string> seen;
  for (;;) {
    auto response = reader.next();
    if (!response) {
      seen.push_back(response.error().is(Errc::BadReply)         ? "bad reply"
                     : response.error().is(Errc::ConnectionLost) ? "lost"
                                                                 : "?");
      return seen;
    }
    if (!*response) {
      seen.emplace_back("more");
      return seen;
    }
    seen.push_back((*response)->message());
  }
}

using Seen = std::vector<std::string>;

TEST(ReplyReader, SplitsAtLineEnds) {
  ReplyReader reader({}, false);
  feed(reader, kFirst + "\n" + kSecond + "\n");
  EXPECT_EQ(drain(reader), (Seen{"a", "b", "more"}));
}

TEST(ReplyReader, SplitsAtNulToo) {
  ReplyReader reader({}, false);
  feed(reader, kFirst + "\0"s + kSecond + "\n");
  EXPECT_EQ(drain(reader), (Seen{"a", "b", "more"}));
}

TEST(ReplyReader, TakesLineEndsForSpaceWhenOnlyNulEndsAResponse) {
  ReplyReader reader({}, true);
  feed(reader, "{\"id\":\"x\",\n\"status\":\"OK\",\n\"message\":\"c\"}\0"s);
  EXPECT_EQ(drain(reader), (Seen{"c", "more"}));
}

TEST(ReplyReader, GivesTheSameForEverySplit) {
  const std::string stream = kFirst + "\n" + kSecond + "\n";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    ReplyReader reader({}, false);
    feed(reader, stream.substr(0, cut));
    Seen seen = drain(reader);
    ASSERT_EQ(seen.back(), "more");
    seen.pop_back();
    feed(reader, stream.substr(cut));
    const Seen rest = drain(reader);
    seen.insert(seen.end(), rest.begin(), rest.end());
    EXPECT_EQ(seen, (Seen{"a", "b", "more"})) << "cut at " << cut;
  }
}

TEST(ReplyReader, ReadsByteByByteThroughManyResponses) {
  ReplyReader reader({}, false);
  std::size_t count = 0;
  for (int round = 0; round < 50; ++round)
    for (const char byte : kFirst + "\n") {
      feed(reader, std::string(1, byte));
      count += drain(reader).size() - 1;
    }
  EXPECT_EQ(count, 50U);
}

TEST(ReplyReader, KeepsTheTextAsItWasReceived) {
  ReplyReader reader({}, false);
  const std::string text = R"({"id":1,"status":"OK","message":"b","new_field":1.0})";
  feed(reader, text + "\n");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.last_text(), text);
}

TEST(ReplyReader, RefusesGarbageForGood) {
  for (const std::string& garbage : {"hello\n"s, "\n"s, "\0"s, "[]\n"s, "{\"id\":1}\n"s, "\xff\n"s,
                                     R"({"id":1,"status":"DONE","message":""})"s + "\n",
                                     R"({"id":1,"id":2,"status":"OK","message":""})"s + "\n"}) {
    ReplyReader reader({}, false);
    feed(reader, garbage + kSecond + "\n");
    EXPECT_EQ(drain(reader), Seen{"bad reply"}) << garbage;
    EXPECT_EQ(drain(reader), Seen{"bad reply"}) << garbage;
  }
}

TEST(ReplyReader, BoundsAResponseThatNeverEnds) {
  uds::Limits limits;
  limits.message_bytes = 1000;
  limits.json_values = 10;
  ReplyReader reader(limits, false);
  const std::string piece(4096, 'x');
  std::size_t fed = 0;
  while (drain(reader) == Seen{"more"}) {
    feed(reader, piece);
    fed += piece.size();
    ASSERT_LT(fed, 1'000'000U) << "no bound";
  }
  EXPECT_GT(fed, limits.message_bytes);
  EXPECT_EQ(drain(reader), Seen{"bad reply"});
}

TEST(ReplyReader, HasRoomForTheLargestRequestComingBack) {
  const uds::Limits limits;
  ReplyReader reader(limits, false);
  feed(reader, R"({"id":1,"status":"OK","message":"m","data":{"text":")" +
                   std::string(limits.message_bytes, 'x') + "\"}}\n");
  EXPECT_EQ(drain(reader), (Seen{"m", "more"}));
}

TEST(ReplyReader, TellsAnEndBetweenResponsesFromOneInside) {
  ReplyReader between({}, false);
  feed(between, kFirst + "\n");
  between.finish();
  EXPECT_EQ(drain(between), (Seen{"a", "lost"}));

  ReplyReader inside({}, false);
  feed(inside, kFirst + "\n" + kSecond);
  inside.finish();
  EXPECT_EQ(drain(inside), (Seen{"a", "lost"}));
  EXPECT_NE(inside.next().error().message().find("middle"), std::string::npos);
}

}  // namespace
