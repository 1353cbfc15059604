// Fuzzes FrameDecoder: however the bytes arrive, the frames are the same, and each is what a frame
// may be.
#include "uds/frame.hpp"

#include <string>
#include <vector>

#include "fuzz.hpp"

namespace {

using uds_fuzz::check;
using Event = uds::FrameDecoder::Event;

// Small, so that inputs reach it.
constexpr std::size_t kMaxBytes = 256;

struct Cut {
  std::vector<std::string> frames;
  uds::Framing framing = uds::Framing::Undecided;
  Event last = Event::NeedMore;
  bool operator==(const Cut&) const = default;
};

void check_frame(std::string_view text, uds::Framing framing, bool first) {
  check(!text.empty() && text.size() <= kMaxBytes, "a frame is neither empty nor too large");
  check(framing != uds::Framing::Undecided, "a frame settles the framing");
  check(std::string_view(" \t\r\n").find(text.front()) == std::string_view::npos,
        "white space before a frame is dropped");
  if (framing == uds::Framing::Nul || first)
    check(text.find('\0') == std::string_view::npos, "a NUL ends the frame");
  if (framing == uds::Framing::Lf && !first)
    check(text.find('\n') == std::string_view::npos, "a LF ends the line");
}

void drain(uds::FrameDecoder& decoder, Cut& cut) {
  for (;;) {
    const uds::FrameDecoder::Item item = decoder.next();
    cut.last = item.event;
    if (item.event != Event::Frame) break;
    check_frame(item.text, decoder.framing(), cut.frames.empty());
    check(cut.frames.empty() || cut.framing == decoder.framing(), "the framing stays");
    cut.framing = decoder.framing();
    cut.frames.emplace_back(item.text);
  }
  cut.framing = decoder.framing();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = uds_fuzz::text_of(data, size);

  uds::FrameDecoder at_once(kMaxBytes);
  Cut whole;
  uds_fuzz::feed(at_once, bytes);
  drain(at_once, whole);
  at_once.finish();
  drain(at_once, whole);

  uds::FrameDecoder little_by_little(kMaxBytes);
  Cut pieces;
  uds_fuzz::for_each_piece(bytes, [&](std::string_view piece) {
    uds_fuzz::feed(little_by_little, piece);
    drain(little_by_little, pieces);
    check(pieces.last == Event::TooLarge || little_by_little.buffered() <= kMaxBytes,
          "what waits for its terminator is bounded");
  });
  little_by_little.finish();
  drain(little_by_little, pieces);

  check(whole == pieces, "pieces and whole give the same frames, framing and end");
  check(whole.last == Event::End || whole.last == Event::TooLarge, "the end is told");
  return 0;
}
