// Fuzzes ReplyReader, which reads what a server sent: pieces do not matter, an error stays, and a
// response that was understood can be written and read again.
//
// The first byte of an input says how the client ends its messages.
#include "reply_reader.hpp"

#include <string>
#include <vector>

#include "fuzz.hpp"

namespace {

using uds::detail::ReplyReader;
using uds_fuzz::check;

struct Seen {
  std::vector<std::string> responses;
  std::string error;
  bool operator==(const Seen&) const = default;
};

std::string text_of(const uds::Response& response) {
  std::string text;
  response.append_to(text);
  return text;
}

/// With the bounds of a client: what it reads is inside an envelope and may be a little larger.
uds::Limits roomy() {
  uds::Limits limits;
  limits.json_depth += 8;
  limits.json_values += 1'000;
  return limits;
}

void drain(ReplyReader& reader, bool nul_only, Seen& seen) {
  for (;;) {
    const auto response = reader.next();
    if (!response) {
      const std::string& message = response.error().message();
      check(seen.error.empty() || seen.error == message, "an error stays the same");
      seen.error = message;
      return;
    }
    check(seen.error.empty(), "nothing comes after an error");
    if (!*response) return;
    const std::string_view received = reader.last_text();
    check(received.find('\0') == std::string_view::npos &&
              (nul_only || received.find('\n') == std::string_view::npos),
          "a response ends at its terminator");
    const std::string text = text_of(**response);
    const auto again = uds::Response::parse(text, roomy());
    check(again.has_value() && text_of(*again) == text, "a response survives writing and reading");
    seen.responses.push_back(text);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes = uds_fuzz::text_of(data, size);
  if (bytes.empty()) return 0;
  const bool nul_only = bytes.front() % 2 == 0;
  bytes.remove_prefix(1);

  ReplyReader at_once({}, nul_only);
  Seen whole;
  uds_fuzz::feed(at_once, bytes);
  drain(at_once, nul_only, whole);
  at_once.finish();
  drain(at_once, nul_only, whole);
  drain(at_once, nul_only, whole);

  ReplyReader little_by_little({}, nul_only);
  Seen pieces;
  uds_fuzz::for_each_piece(bytes, [&](std::string_view piece) {
    uds_fuzz::feed(little_by_little, piece);
    drain(little_by_little, nul_only, pieces);
  });
  little_by_little.finish();
  drain(little_by_little, nul_only, pieces);

  check(whole == pieces, "pieces and whole give the same responses and the same error");
  check(!whole.error.empty(), "the end is told");
  return 0;
}
