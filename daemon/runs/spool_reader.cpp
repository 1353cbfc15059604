// Bodies of spool_reader.hpp. preadv2(2) with RWF_NOWAIT reads what is in memory; file systems that
// do not know the flag (tmpfs) have everything in memory.
#include "runs/spool_reader.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace udsd {
namespace {

/// Of one record: where they are as long as they can be, each comes with one read.
constexpr std::size_t kRoom = spool::kHeaderBytes + spool::kMostRecordBytes;

std::optional<spool::Header> header_in(std::string_view bytes) {
  const auto* raw = reinterpret_cast<const unsigned char*>(bytes.data());
  return spool::decode(
      std::span<const unsigned char, spool::kHeaderBytes>(raw, spool::kHeaderBytes));
}

}  // namespace

SpoolReader::SpoolReader(uds::Fd file) : file_(std::move(file)) {}

std::string_view SpoolReader::held() const noexcept {
  return {room_.get() + begin_, end_ - begin_};
}

SpoolReader::State SpoolReader::next() {
  for (;;) {
    if (held().size() >= spool::kHeaderBytes) {
      const auto header = header_in(held());
      if (!header) return State::Damaged;
      if (held().size() >= spool::kHeaderBytes + header->size) {
        record_ = {++taken_, header->stream, held().substr(spool::kHeaderBytes, header->size)};
        begin_ += spool::kHeaderBytes + header->size;
        return State::Record;
      }
    }
    switch (read_more(false)) {
      case Got::Bytes:
        break;
      case Got::Nothing:
        if (failed_) return State::Damaged;
        if (begin_ == end_) room_.reset();
        return State::End;
      case Got::WouldWait:
        return State::WouldWait;
    }
  }
}

void SpoolReader::fill() {
  static_cast<void>(read_more(true));
}

SpoolReader::Got SpoolReader::read_more(bool wait) {
  if (!room_) room_ = std::make_unique_for_overwrite<char[]>(kRoom);
  if (begin_ > 0) {
    std::memmove(room_.get(), room_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  iovec piece{room_.get() + end_, kRoom - end_};
  if (piece.iov_len == 0) return Got::Bytes;  // a whole record is there
  for (int flags = wait ? 0 : RWF_NOWAIT;;) {
    const ssize_t count = ::preadv2(file_.get(), &piece, 1, offset_, flags);
    if (count > 0) {
      end_ += static_cast<std::size_t>(count);
      offset_ += count;
      return Got::Bytes;
    }
    if (count == 0) return Got::Nothing;
    if (errno == EAGAIN) return Got::WouldWait;
    if (errno == EOPNOTSUPP && flags != 0)
      flags = 0;
    else if (errno != EINTR) {
      failed_ = true;
      return Got::Nothing;
    }
  }
}

void SpoolReader::skip_to(std::uint64_t number, const std::stop_token& stop) {
  while (taken_ + 1 < number && !stop.stop_requested()) {
    const State state = next();
    if (state == State::WouldWait)
      fill();
    else if (state != State::Record)
      return;
  }
}

}  // namespace udsd
