// Bodies of output.hpp.
#include "exec/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "exec/spool_file.hpp"

namespace udsd {
namespace {

constexpr int kPipeBytes = 256 << 10;
constexpr std::size_t kMostLineBytes = std::size_t{4} << 10;
/// What drain() reads of a stream at most: more than a pipe holds.
constexpr std::size_t kMostDrainedPieces = 64;
constexpr std::size_t kProgress = 2;

}  // namespace

std::size_t unfinished_utf8(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if (byte < 0x80) return 0;
    if (byte < 0xC0) continue;
    const std::size_t length = byte >= 0xF8 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    return back < length ? back : 0;
  }
  return 0;
}

void Output::attach(uds::Fd out, uds::Fd err, uds::Fd progress) {
  sources_[0].descriptor = std::move(out);
  sources_[1].descriptor = std::move(err);
  sources_[kProgress].descriptor = std::move(progress);
  for (const Source& source : sources_) {
    static_cast<void>(::fcntl(source.descriptor.get(), F_SETFL, O_NONBLOCK));
    static_cast<void>(::fcntl(source.descriptor.get(), F_SETPIPE_SZ, kPipeBytes));
  }
}

std::array<int, 3> Output::descriptors() const noexcept {
  return {sources_[0].descriptor.get(), sources_[1].descriptor.get(),
          sources_[kProgress].descriptor.get()};
}

bool Output::read(std::size_t which) {
  grown_ = false;
  static_cast<void>(take(which));
  return grown_;
}

bool Output::drain() {
  grown_ = false;
  for (std::size_t which = 0; which < sources_.size(); ++which) {
    std::size_t pieces = 0;
    while (sources_[which].descriptor && pieces < kMostDrainedPieces && take(which)) ++pieces;
    if (sources_[which].descriptor) end(which);
  }
  return grown_;
}

bool Output::take(std::size_t which) {
  Source& source = sources_[which];
  std::string& text = source.held;
  const std::size_t before = text.size();
  text.resize(spool::kMostRecordBytes);
  const ssize_t size = ::read(source.descriptor.get(), text.data() + before, text.size() - before);
  const int why = errno;
  text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (size == 0 || (size < 0 && why != EAGAIN && why != EINTR)) end(which);
  if (size <= 0) return false;
  if (which == kProgress) {
    store_lines(source);
  } else {
    const std::size_t whole = text.size() - unfinished_utf8(text);
    store(source, static_cast<spool::Stream>(which), std::string_view(text).substr(0, whole));
    text.erase(0, whole);
  }
  return true;
}

std::optional<Output::Failure> Output::take_failure() {
  return std::exchange(failure_, std::nullopt);
}

void Output::describe(RunResult& result) {
  result.bytes_of_stdout = sources_[0].bytes;
  result.bytes_of_stderr = sources_[1].bytes;
  result.dropped = dropped_;
  result.hash_of_stdout = sources_[0].digest.hex_digest();
  result.hash_of_stderr = sources_[1].digest.hex_digest();
}

void Output::store(Source& source, spool::Stream stream, std::string_view bytes) {
  const std::uint64_t used = sources_[0].bytes + sources_[1].bytes;
  const std::uint64_t room = failed_ || dropped_ > 0 ? 0 : rule_.most - used;
  const std::string_view kept = bytes.substr(0, std::min<std::uint64_t>(room, bytes.size()));
  if (!kept.empty()) {
    append(stream, kept);
    if (!failed_) {
      source.bytes += kept.size();
      source.digest.update(kept);
    }
  }
  if (kept.size() == bytes.size()) return;
  const bool first = dropped_ == 0;
  dropped_ += bytes.size() - kept.size();
  if (!first || failed_) return;
  const std::string limit = std::to_string(rule_.most) + " bytes";
  if (rule_.drop)
    append(spool::Stream::Notice, "the output is longer than " + limit + "; the rest is discarded");
  else
    fail(
        {"the output is longer than " + limit + "; raise output.max, or let the command write less",
         true});
}

/// Progress is no output, yet must not fill the disk either: it has the same limit for itself.
void Output::store_lines(Source& source) {
  std::string& text = source.held;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const std::uint64_t cost = line.size() + spool::kHeaderBytes;
    const bool fits = !std::exchange(too_long_, false) && !line.empty() &&
                      line.size() <= kMostLineBytes && source.bytes + cost <= rule_.most &&
                      !failed_;
    if (!fits) continue;
    append(spool::Stream::Progress, line);
    source.bytes += cost;
  }
  text.erase(0, begin);
  if (text.size() <= kMostLineBytes) return;
  too_long_ = true;
  text.clear();
}

void Output::append(spool::Stream stream, std::string_view bytes) {
  const auto done = append_record(file_, stream, bytes);
  if (done)
    grown_ = true;
  else
    fail({uds::Error::from_errno("the output of the run cannot be stored; free space in state_dir",
                                 done.error())
              .message(),
          false});
}

void Output::end(std::size_t which) {
  Source& source = sources_[which];
  source.descriptor.reset();
  if (which != kProgress && !source.held.empty())
    store(source, static_cast<spool::Stream>(which), source.held);
  source.held.clear();
}

void Output::fail(Failure why) {
  if (!failed_) failure_ = std::move(why);
  failed_ = true;
}

}  // namespace udsd
