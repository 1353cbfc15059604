// Body of line_reader.hpp.
#include "line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace udsctl {
namespace {

constexpr std::size_t kReadSize = std::size_t{64} << 10;
/// Far above what any daemon accepts as one message; keeps an endless line from taking all memory.
constexpr std::size_t kLongestLine = std::size_t{64} << 20;

}  // namespace

uds::Result<std::optional<std::string>> LineReader::next() {
  for (;;) {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(begin_, end - begin_);
      begin_ = scanned_ = end + 1;
      return std::optional(std::move(line));
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    scanned_ = buffer_.size();
    if (ended_) {
      if (buffer_.empty()) return std::optional<std::string>();
      scanned_ = 0;
      return std::optional(std::exchange(buffer_, {}));
    }
    if (buffer_.size() > kLongestLine)
      return uds::Error(uds::Errc::NotARequest,
                        "the line is longer than 64 MiB; write a shorter request");

    std::array<pollfd, 2> entries{pollfd{descriptor_, POLLIN, 0}, pollfd{interrupt_, POLLIN, 0}};
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR)
      return uds::Error::from_errno("cannot wait for standard input", errno);
    if (entries[1].revents != 0) return uds::Errc::Interrupted;
    if (entries[0].revents == 0) continue;
    buffer_.resize(scanned_ + kReadSize);
    const ssize_t received = ::read(descriptor_, buffer_.data() + scanned_, kReadSize);
    const int reason = errno;
    buffer_.resize(scanned_ + (received > 0 ? static_cast<std::size_t>(received) : 0));
    if (received == 0) ended_ = true;
    if (received < 0 && reason != EINTR && reason != EAGAIN)
      return uds::Error::from_errno("cannot read standard input", reason);
  }
}

}  // namespace udsctl
