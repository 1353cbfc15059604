// The framing rules, against a plain reference that sees the whole text at once. Every text is cut
// whole and byte by byte; the result must not depend on the pieces. Inserted bytes must never make
// two requests out of one.
#include "uds/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "uds/message.hpp"

namespace {

using namespace std::string_literals;
using Event = uds::FrameDecoder::Event;

constexpr std::size_t kMax = 4096;
const std::string kNul(1, '\0');

struct Cut {
  std::vector<std::string> frames;
  uds::Framing framing = uds::Framing::Undecided;
  Event last = Event::NeedMore;
  bool operator==(const Cut&) const = default;
};

void PrintTo(const Cut& cut, std::ostream* out) {
  *out << "framing " << static_cast<int>(cut.framing) << " event " << static_cast<int>(cut.last);
  for (const auto& frame : cut.frames) *out << " " << ::testing::PrintToString(frame);
}

void feed(uds::FrameDecoder& decoder, std::string_view bytes) {
  const auto room = decoder.prepare(bytes.size());
  std::copy(bytes.begin(), bytes.end(), room.begin());
  decoder.commit(bytes.size());
}

void drain(uds::FrameDecoder& decoder, Cut& cut) {
  for (;;) {
    const auto item = decoder.next();
    cut.last = item.event;
    if (item.event != Event::Frame) break;
    cut.frames.emplace_back(item.text);
  }
  cut.framing = decoder.framing();
}

Cut cut_in_pieces(std::string_view text, std::size_t piece, bool eof = true,
                  std::size_t max = kMax) {
  uds::FrameDecoder decoder(max);
  Cut cut;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    feed(decoder, text.substr(at, piece));
    drain(decoder, cut);
  }
  if (eof) {
    decoder.finish();
    drain(decoder, cut);
  }
  return cut;
}

Cut cut_whole(std::string_view text, bool eof = true, std::size_t max = kMax) {
  return cut_in_pieces(text, std::max<std::size_t>(text.size(), 1), eof, max);
}

std::size_t record_end(std::string_view text, std::size_t from, uds::Framing framing) {
  if (framing != uds::Framing::Undecided) {
    return std::min(text.find(framing == uds::Framing::Lf ? '\n' : '\0', from), text.size());
  }
  bool in_string = false;
  bool complete = text[from] != '{';
  int depth = 0;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\0' || (c == '\n' && complete)) return at;
    if (complete) continue;
    if (in_string && c == '\\') {
      if (at + 1 < text.size() && text[at + 1] != '\0') ++at;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && c == '{') {
      ++depth;
    } else if (!in_string && c == '}') {
      complete = --depth == 0;
    }
  }
  return text.size();
}

/// The rules of docs/protocol.md, "Framing", for a text that is there whole and ends in EOF.
Cut reference(std::string_view text) {
  Cut cut;
  cut.last = Event::End;
  std::size_t at = 0;
  for (;;) {
    const std::string blanks = cut.framing == uds::Framing::Lf ? " \t\r\n" : " \t\r\n"s + kNul;
    at = text.find_first_not_of(blanks, at);
    if (at == std::string_view::npos) return cut;
    const std::size_t end = record_end(text, at, cut.framing);
    cut.frames.emplace_back(text.substr(at, end - at));
    if (cut.framing == uds::Framing::Undecided) {
      const bool lf = end < text.size() && text[end] == '\n';
      cut.framing = lf ? uds::Framing::Lf : uds::Framing::Nul;
    }
    if (end == text.size()) return cut;
    at = end + 1;
  }
}

std::size_t requests_in(const Cut& cut) {
  return static_cast<std::size_t>(
      std::count_if(cut.frames.begin(), cut.frames.end(),
                    [](const auto& frame) { return uds::parse_request(frame).has_value(); }));
}

TEST(Frame, FirstTerminatorSettlesTheFraming) {
  const std::string ping = R"({"cmd":"ping"})";
  struct Case {
    const char* what;
    std::string bytes;
    std::vector<std::string> frames;
    uds::Framing framing;
  };
  const Case cases[] = {
      {"nothing", "", {}, uds::Framing::Undecided},
      {"LF", ping + "\n", {ping}, uds::Framing::Lf},
      {"CR LF", ping + "\r\n", {ping + "\r"}, uds::Framing::Lf},
      {"NUL", ping + kNul, {ping}, uds::Framing::Nul},
      {"EOF", ping, {ping}, uds::Framing::Nul},
      {"blanks only", " \r\n\n\t" + kNul + "\n", {}, uds::Framing::Undecided},
      {"blanks before", "\n \r\n" + kNul + ping + "\n", {ping}, uds::Framing::Lf},
      {"blank records", ping + "\n\n \r\n" + ping + "\n", {ping, ping}, uds::Framing::Lf},
      {"last without LF", ping + "\n" + ping, {ping, ping}, uds::Framing::Lf},
      {"pretty, NUL", "{\n\"a\":1\n}" + kNul, {"{\n\"a\":1\n}"}, uds::Framing::Nul},
      {"pretty, EOF", "{\n\"a\":1\n}", {"{\n\"a\":1\n}"}, uds::Framing::Nul},
      {"pretty, LF", "{\n\"a\":1\n}\n", {"{\n\"a\":1\n}"}, uds::Framing::Lf},
      {"LF in a nested one", "{\"a\":{}\n}\n{}\n", {"{\"a\":{}\n}", "{}"}, uds::Framing::Lf},
      {"brace in a string", "{\"}\\\"}\":1\n}\n", {"{\"}\\\"}\":1\n}"}, uds::Framing::Lf},
      {"backslash at its end", "{\"\\\\\":1}\n{}\n", {"{\"\\\\\":1}", "{}"}, uds::Framing::Lf},
      {"text behind", "{} x\n{}\n", {"{} x", "{}"}, uds::Framing::Lf},
      {"no object, LF", "hello\n{}\n", {"hello", "{}"}, uds::Framing::Lf},
      {"no object, NUL", "[1,\t2]" + kNul + "{}\n", {"[1,\t2]", "{}\n"}, uds::Framing::Nul},
      {"NUL inside", "{\"a\"" + kNul + ":1}\n", {"{\"a\"", ":1}\n"}, uds::Framing::Nul},
      {"NUL in a line", "{}\n{" + kNul + "}\n", {"{}", "{" + kNul + "}"}, uds::Framing::Lf},
      {"NUL before a line", "{}\n" + kNul + "{}\n", {"{}", kNul + "{}"}, uds::Framing::Lf},
      {"pretty in LF", "{}\n{\n}\n", {"{}", "{", "}"}, uds::Framing::Lf},
      {"pretty in NUL", "{}" + kNul + "{\n}" + kNul, {"{}", "{\n}"}, uds::Framing::Nul},
      {"NUL and LF", "{}" + kNul + "\n{}" + kNul + "\n", {"{}", "{}"}, uds::Framing::Nul},
  };
  for (const auto& [what, bytes, frames, framing] : cases) {
    const Cut expected{frames, framing, Event::End};
    EXPECT_EQ(reference(bytes), expected) << what;
    for (std::size_t piece = 1; piece <= bytes.size() + 1; ++piece) {
      EXPECT_EQ(cut_in_pieces(bytes, piece), expected) << what << ", pieces of " << piece;
    }
  }
}

TEST(Frame, EveryShortTextIsCutAsTheReferenceCutsIt) {
  const std::string letters = "{}\"\\\na "s + kNul;
  constexpr std::size_t kLength = 6;
  std::string text(kLength, ' ');
  std::size_t combinations = 1;
  for (std::size_t i = 0; i < kLength; ++i) combinations *= letters.size();
  for (std::size_t number = 0; number < combinations; ++number) {
    std::size_t rest = number;
    for (char& c : text) {
      c = letters[rest % letters.size()];
      rest /= letters.size();
    }
    const Cut expected = reference(text);
    ASSERT_EQ(cut_whole(text), expected) << ::testing::PrintToString(text);
    ASSERT_EQ(cut_in_pieces(text, 1), expected) << ::testing::PrintToString(text);
  }
}

TEST(Frame, AnInsertedByteNeverMakesTwoRequests) {
  const std::string frame = R"({"id":1,"cmd":"a.b","args":{"k":"v\n"}})";
  struct Case {
    std::string before;
    char terminator;
    std::size_t requests_before;
  };
  const Case cases[] = {{"", '\n', 0},
                        {"", '\0', 0},
                        {"{\"cmd\":\"ping\"}\n", '\n', 1},
                        {"{\"cmd\":\"ping\"}" + kNul, '\0', 1}};
  for (const auto& [before, terminator, requests_before] : cases) {
    for (std::size_t at = 0; at <= frame.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        const std::string changed =
            frame.substr(0, at) + static_cast<char>(byte) + frame.substr(at) + terminator;
        const Cut cut = cut_whole(before + changed);
        const std::string where = "byte " + std::to_string(byte) + " at " + std::to_string(at);
        ASSERT_EQ(cut, cut_in_pieces(before + changed, 1)) << where;
        // Only a terminator inside splits the record, and then no part of it is a request. A LF
        // that comes before the first NUL settles the framing, and leaves the NUL as a line of its
        // own.
        const bool settled = !before.empty();
        const bool splits =
            at > 0 && at < frame.size() && (settled ? byte == terminator : byte == 0);
        const bool lf_first = !settled && at == frame.size() && byte == '\n' && terminator == '\0';
        ASSERT_EQ(cut.frames.size(), requests_before + (splits || lf_first ? 2U : 1U)) << where;
        ASSERT_LE(requests_in(cut), requests_before + (splits ? 0U : 1U)) << where;
      }
    }
  }
}

TEST(Frame, LimitIsExact) {
  constexpr std::size_t kLimit = 64;
  const std::string exact = "{\"k\":\"" + std::string(kLimit - 8, 'v') + "\"}";
  ASSERT_EQ(exact.size(), kLimit);
  const std::string more = "{\"k\":\"" + std::string(kLimit - 7, 'v') + "\"}";
  for (const std::string& before : {""s, "{}\n"s, "{}"s + kNul}) {
    const std::size_t count = before.empty() ? 0 : 1;
    for (const std::string& end : {"\n"s, kNul, ""s}) {
      if (before.ends_with('\n') && end == kNul) continue;  // no terminator there
      for (std::size_t piece = 1; piece <= kLimit + 8; ++piece) {
        // White space before a message does not count.
        const Cut fits =
            cut_in_pieces(before + std::string(100, ' ') + exact + end, piece, true, kLimit);
        if (before.ends_with('\0') && end == "\n") {
          EXPECT_EQ(fits.last, Event::TooLarge)
              << piece;  // in NUL framing LF belongs to the record
        } else {
          EXPECT_EQ(fits.last, Event::End) << piece;
          ASSERT_EQ(fits.frames.size(), count + 1) << piece;
          EXPECT_EQ(fits.frames.back(), exact);
        }
        const Cut over = cut_in_pieces(before + more + end, piece, true, kLimit);
        EXPECT_EQ(over.last, Event::TooLarge) << piece;
        EXPECT_EQ(over.frames.size(), count);
      }
    }
  }
}

TEST(Frame, TooLargeStaysSoAndIsKnownWithoutATerminator) {
  for (const std::string& start : {"{\"k\":\""s, "x"s, "{}\nx"s, "{}"s + kNul + "x"}) {
    uds::FrameDecoder decoder(64);
    Cut cut;
    feed(decoder, start + std::string(64, 'v'));
    drain(decoder, cut);
    EXPECT_EQ(cut.last, Event::TooLarge);
    feed(decoder, "\n" + kNul + "{\"cmd\":\"ping\"}\n" + kNul);
    const std::size_t before = cut.frames.size();
    drain(decoder, cut);
    decoder.finish();
    drain(decoder, cut);
    EXPECT_EQ(cut.last, Event::TooLarge);
    EXPECT_EQ(cut.frames.size(), before);
  }
}

TEST(Frame, WhiteSpaceIsNoPartialMessageAndTakesNoMemory) {
  for (const std::string& before : {""s, "{}\n"s, "{}"s + kNul}) {
    uds::FrameDecoder decoder(16);
    Cut cut;
    feed(decoder, before);
    drain(decoder, cut);
    for (int i = 0; i < 1000; ++i) {
      feed(decoder, " \t\r\n");
      drain(decoder, cut);
      ASSERT_EQ(cut.last, Event::NeedMore);
      ASSERT_FALSE(decoder.partial());
      ASSERT_EQ(decoder.buffered(), 0U);
    }
    feed(decoder, "{");
    drain(decoder, cut);
    EXPECT_TRUE(decoder.partial());
    EXPECT_EQ(decoder.buffered(), 1U);
  }
}

TEST(Frame, BytesOneByOneAreLookedAtOnce) {
  // Looking again from the start for every byte would be 2^41 steps here.
  constexpr std::size_t kSize = std::size_t{1} << 20;
  for (const std::string& before : {""s, "{}\n"s, "{}"s + kNul}) {
    const std::string big = "{\"k\":\"" + std::string(kSize, 'v') + "\"}";
    const std::string end = before.ends_with('\0') ? kNul : "\n"s;
    const Cut cut = cut_in_pieces(before + big + end, 1, false, 2 * kSize);
    ASSERT_FALSE(cut.frames.empty());
    EXPECT_EQ(cut.frames.back(), big);
  }
}

TEST(Frame, MemoryOfALargeMessageIsGivenBack) {
  uds::FrameDecoder decoder(std::size_t{4} << 20);
  Cut cut;
  feed(decoder, std::string(std::size_t{2} << 20, 'v') + "\n");
  drain(decoder, cut);
  ASSERT_EQ(cut.frames.size(), 1U);
  EXPECT_EQ(decoder.buffered(), 0U);
  EXPECT_LT(decoder.prepare(16).size(), std::size_t{64} << 10);
}

TEST(Frame, BehindATextBytesCanBeRead) {
  const std::string bytes = "{}\n{\"a\":1}\n" + std::string(2000, ' ') + "{\"last\":1}";
  uds::FrameDecoder decoder(1 << 20);
  const std::span<char> room = decoder.prepare(bytes.size());
  std::ranges::copy(bytes, room.begin());
  decoder.commit(bytes.size());
  decoder.finish();
  std::array<char, uds::FrameDecoder::kPadding> behind{};
  int frames = 0;
  for (auto item = decoder.next(); item.event == Event::Frame; item = decoder.next(), ++frames)
    std::memcpy(behind.data(), item.text.data() + item.text.size(), behind.size());  // ASan watches
  EXPECT_EQ(frames, 3);
}

TEST(Frame, ManyMessagesInOneReadKeepTheirOrder) {
  std::string bytes;
  std::vector<std::string> frames;
  for (int i = 0; i < 1000; ++i) {
    frames.push_back("{\"id\":" + std::to_string(i) + "}");
    bytes += frames.back() + "\n";
  }
  const Cut expected{frames, uds::Framing::Lf, Event::NeedMore};
  for (const std::size_t piece : {1U, 7U, 143U, 4096U, 100'000U}) {
    EXPECT_EQ(cut_in_pieces(bytes, piece, false), expected) << piece;
  }
}

TEST(Frame, AppendEndsAsTheFramingSays) {
  std::string out;
  uds::append_frame(out, "{}", uds::Framing::Lf);
  uds::append_frame(out, "{}", uds::Framing::Nul);
  uds::append_frame(out, "{}", uds::Framing::Undecided);
  EXPECT_EQ(out, "{}\n{}" + kNul + "{}" + kNul);
}

}  // namespace
