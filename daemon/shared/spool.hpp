// The output of a run as it stands in its file: records, each a header and at most kMostRecordBytes
// bytes of one stream. Pure.
//
// The file only grows, by whole records: a reader that finds less than a whole one waits for more.
// Records are numbered from 1; a record is one response to whoever watches.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace udsd::spool {

enum class Stream : std::uint8_t {
  Stdout = 0,
  Stderr = 1,
  Progress = 2,  ///< a line that the command wrote to its progress descriptor, without the LF
  Notice = 3,    ///< a sentence of udsd-exec's own for people
};

inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kMostRecordBytes = std::size_t{64} << 10;

/// What stands before the bytes of a record.
struct Header {
  std::uint32_t size = 0;  ///< of the bytes that follow
  Stream stream = Stream::Stdout;
};

std::array<unsigned char, kHeaderBytes> encode(const Header& header) noexcept;
/// Nothing where `bytes` are no header that encode() makes: the file is damaged.
std::optional<Header> decode(std::span<const unsigned char, kHeaderBytes> bytes) noexcept;

}  // namespace udsd::spool
