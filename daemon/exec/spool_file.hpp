// Appends whole records to the spool of a run, and counts what a spool holds.
#pragma once

#include <cstdint>
#include <string_view>

#include "shared/spool.hpp"
#include "uds/result.hpp"

namespace udsd {

/// Appends one record: all of it, or nothing. `bytes`: 1 to spool::kMostRecordBytes. `file` was
/// opened with O_APPEND, and nobody else writes to it. Error: errno.
uds::Result<void, int> append_record(int file, spool::Stream stream, std::string_view bytes);

/// Bytes of whole records.
struct SpoolSizes {
  std::uint64_t of_stdout = 0;
  std::uint64_t of_stderr = 0;
};
/// Counts up to the first record that is damaged or not whole.
SpoolSizes count_records(int file);

}  // namespace udsd
