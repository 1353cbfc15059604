// Finding and parsing responses in what a server sent, within bounds that the server cannot move.
//
// A response may be a little larger than the largest request, since it repeats a request's
// arguments inside an envelope of its own; the room for that is derived here and nowhere else.
#include "reply_reader.hpp"

#include <algorithm>

namespace uds::detail {
namespace {

using namespace std::string_view_literals;

/// id, status, message, seq and the braces around them.
constexpr std::size_t kEnvelopeBytes = std::size_t{64} << 10;
constexpr std::size_t kEnvelopeValues = 64;
constexpr std::size_t kEnvelopeDepth = 2;
/// A number may grow when it is written again: 1e15 becomes 1000000000000000.0.
constexpr std::size_t kNumberGrowth = 20;

Limits reply_limits(Limits limits) {
  limits.json_values += kEnvelopeValues;
  limits.json_depth += kEnvelopeDepth;
  return limits;
}

}  // namespace

ReplyReader::ReplyReader(const Limits& limits, bool nul_only)
    : limits_(reply_limits(limits)),
      max_bytes_(limits.message_bytes + limits.json_values * kNumberGrowth + kEnvelopeBytes),
      terminators_(nul_only ? "\0"sv : "\0\n"sv) {}

std::span<char> ReplyReader::prepare(std::size_t size) {
  last_text_ = {};
  if (begin_ > 0 && (begin_ == end_ || buffer_.size() - end_ < size)) {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < size) buffer_.resize(std::max(end_ + size, buffer_.size() * 2));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

std::size_t ReplyReader::find_terminator() const noexcept {
  // One after the other: looking for both at once goes byte by byte.
  std::string_view received(buffer_.data(), end_);
  for (const char terminator : terminators_)
    received = received.substr(0, received.find(terminator, scanned_));
  return received.size();
}

Result<std::optional<Response>> ReplyReader::next() {
  const std::size_t terminator = find_terminator();
  scanned_ = terminator;
  if (terminator - begin_ > max_bytes_)
    return Error(Errc::BadReply, "the server sent a response of more than " +
                                     std::to_string(max_bytes_) +
                                     " bytes; ask for less at once or raise the client's limit");
  if (terminator == end_) {
    if (!finished_) return std::optional<Response>();
    if (begin_ == end_) return Errc::ConnectionLost;
    return Error(Errc::ConnectionLost,
                 "the connection ended in the middle of a response, so the outcome is unknown; "
                 "check before trying again");
  }

  const std::string_view text(buffer_.data() + begin_, terminator - begin_);
  auto response = Response::parse(text, limits_);
  if (!response) {
    scanned_ = begin_;  // the same bytes give the same error when asked again
    return Error(Errc::BadReply, "the server sent something that is no response (" +
                                     response.error() +
                                     "); check that the path belongs to a uds server");
  }
  last_text_ = text;
  begin_ = scanned_ = terminator + 1;
  return std::optional<Response>(std::move(*response));
}

}  // namespace uds::detail
