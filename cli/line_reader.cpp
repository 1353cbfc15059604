// Body of line_reader.hpp.
#include "line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace udsctl {
namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10;
/// Far above what any daemon accepts as one message; keeps an endless line from taking all memory.
constexpr std::size_t kLongestLine = std::size_t{64} << 20;

}  // namespace

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

std::optional<std::string> LineReader::take() {
  const std::size_t end = buffer_.find('\n', scanned_);
  scanned_ = std::min(end, buffer_.size());
  if (end == std::string::npos && (!ended_ || begin_ == buffer_.size())) return std::nullopt;
  std::string line = buffer_.substr(begin_, scanned_ - begin_);
  begin_ = scanned_ = std::min(scanned_ + 1, buffer_.size());
  return line;
}

uds::Result<void> LineReader::fill() {
  buffer_.erase(0, begin_);
  scanned_ -= std::exchange(begin_, 0);
  const std::size_t size = buffer_.size();
  if (size > kLongestLine)
    return uds::Error(uds::Errc::NotARequest,
                      "the line is longer than 64 MiB; write a shorter request");
  buffer_.resize(size + kReadSize);
  const ssize_t received = ::read(descriptor_, buffer_.data() + size, kReadSize);
  const int reason = errno;
  buffer_.resize(size + (received > 0 ? static_cast<std::size_t>(received) : 0));
  if (received == 0) ended_ = true;
  if (received < 0 && reason != EINTR && reason != EAGAIN) {
    const auto error = uds::Error::from_errno("cannot read standard input", reason);
    return uds::Error(error.code(), error.message() + "; give it a file or a pipe with lines");
  }
  return {};
}

uds::Result<std::optional<std::string>> LineReader::next(int interrupt) {
  for (;;) {
    if (auto line = take()) return line;
    if (ended()) return std::optional<std::string>();
    std::array<pollfd, 2> entries{pollfd{descriptor_, POLLIN, 0}, pollfd{interrupt, POLLIN, 0}};
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR)
      return uds::Error::from_errno("cannot wait for standard input", errno);
    if (entries[1].revents != 0) return uds::Errc::Interrupted;
    if (entries[0].revents == 0) continue;
    if (auto filled = fill(); !filled) return filled.error();
  }
}

}  // namespace udsctl
