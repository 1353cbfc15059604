// What udsd and udsd-exec share: messages, headers of the spool, names of runs.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>

#include "shared/exec_messages.hpp"
#include "shared/run_id.hpp"
#include "shared/spool.hpp"

namespace udsd {
namespace {

using namespace std::chrono_literals;
using namespace exec_messages;

template <class Kind>
Kind round_trip(const Kind& kind) {
  auto message = decode(encode(kind));
  EXPECT_TRUE(message);
  return std::get<Kind>(*std::move(message));
}

TEST(ExecMessages, EachKindComesBackAsItWas) {
  Start start;
  start.command = "web.restart";
  start.hash = "abc";
  start.arguments = {{"unit", {"nginx"}}, {"files", {"a", "", "c"}}, {"none", {}}};
  start.request = "\"7\"";
  start.timeout = 1500ms;
  start.queued = true;
  const Start same = round_trip(start);
  EXPECT_EQ(same.command, start.command);
  EXPECT_EQ(same.hash, start.hash);
  EXPECT_EQ(same.arguments, start.arguments);
  EXPECT_EQ(same.request, start.request);
  EXPECT_EQ(same.timeout, start.timeout);
  EXPECT_FALSE(same.detach);
  EXPECT_TRUE(same.queued);

  const Cancel cancel = round_trip(Cancel{Cancel::Reason::Deadline, 2, 1000});
  EXPECT_EQ(cancel.reason, Cancel::Reason::Deadline);
  EXPECT_EQ(cancel.signal, 2);
  EXPECT_EQ(cancel.by, 1000U);
  const Refused refused = round_trip(Refused{"busy", "wait", ""});
  EXPECT_EQ(refused.code, "busy");
  EXPECT_EQ(refused.message, "wait");
  EXPECT_EQ(round_trip(Accepted{"r"}).run, "r");
  round_trip(Go{});
  round_trip(Started{});
  round_trip(Grown{});
  round_trip(Ended{});
}

TEST(ExecMessages, APacketThatIsNotExactlyOneMessageIsRefused) {
  Start start;
  start.command = "a.b";
  start.arguments = {{"x", {"1", "2"}}};
  const std::string whole = encode(start);
  // Every shorter packet ends within a field or lacks one, or is a start with fewer arguments.
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto part = decode(whole.substr(0, size));
    EXPECT_TRUE(!part || std::get<Start>(*part).arguments.empty()) << size;
  }
  EXPECT_FALSE(decode(whole + "x"));
  EXPECT_FALSE(decode(std::string("\x09", 1)));
  EXPECT_FALSE(decode(encode(Go{}) + std::string("\1\0\0\0x", 5)));
  // A length beyond the end, and one that would wrap.
  EXPECT_FALSE(decode(std::string("\4\xff\xff\xff\xff", 5)));
  // The same argument twice.
  std::string twice = encode(start);
  twice += whole.substr(whole.find(std::string("\1\0\0\0x", 5)));
  EXPECT_FALSE(decode(twice));
}

TEST(ExecMessages, NumbersOutOfRangeAreRefused) {
  const auto cancel = [](std::string reason, std::string signal) {
    std::string out(1, '\2');
    for (const std::string& field : {reason, signal, std::string("0")}) {
      out += static_cast<char>(field.size());
      out.append(3, '\0');
      out += field;
    }
    return out;
  };
  EXPECT_TRUE(decode(cancel("0", "15")));
  for (const char* reason : {"4", "-1", "", "x", " 0"}) EXPECT_FALSE(decode(cancel(reason, "15")));
  for (const char* signal : {"0", "32", "-9", "9 "}) EXPECT_FALSE(decode(cancel("0", signal)));
}

TEST(Spool, HeadersComeBackAndOthersAreRefused) {
  const auto bytes = spool::encode({70, spool::Stream::Stderr});
  const auto header = spool::decode(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->size, 70U);
  EXPECT_EQ(header->stream, spool::Stream::Stderr);
  for (std::size_t at = 4; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = 9;
    EXPECT_FALSE(spool::decode(damaged)) << at;
  }
  EXPECT_FALSE(spool::decode(spool::encode({0, spool::Stream::Stdout})));
  EXPECT_FALSE(spool::decode(spool::encode({spool::kMostRecordBytes + 1, spool::Stream::Stdout})));
}

TEST(RunId, SortsByTimeAndIsRecognised) {
  const std::chrono::system_clock::time_point then{1'700'000'000'000ms};
  const std::string first = make_run_id(then);
  const std::string second = make_run_id(then + 1ms);
  EXPECT_TRUE(is_run_id(first));
  EXPECT_LT(first, second);
  EXPECT_EQ(first.substr(0, 12), "018bcfe56800");
  EXPECT_NE(make_run_id(then), make_run_id(then));
  for (const std::string& other :
       {std::string(), first + "0", first.substr(1), first.substr(1) + "/", first.substr(1) + "G"})
    EXPECT_FALSE(is_run_id(other)) << other;
}

}  // namespace
}  // namespace udsd
