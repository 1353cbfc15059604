// Reads the output of a run from its file, record by record, while it grows.
//
// Owns the file and one buffer of a fixed size: what it costs does not depend on how much was
// written. Does not wait for the disk unless it is told to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "shared/spool.hpp"
#include "uds/fd.hpp"

namespace udsd {

class SpoolReader {
 public:
  struct Record {
    std::uint64_t number;  ///< from 1
    spool::Stream stream;
    std::string_view bytes;  ///< valid until the next call
  };
  enum class State {
    Record,     ///< there is one
    End,        ///< not yet, or never: no whole record behind the last
    WouldWait,  ///< the disk must be asked: call fill()
    Damaged,    ///< the file is no spool, or cannot be read
  };

  explicit SpoolReader(uds::Fd file);

  /// What comes next; `record()` has it where it is a record.
  State next();
  [[nodiscard]] const Record& record() const noexcept { return record_; }

  /// Reads on, and waits for the disk: not on the loop.
  void fill();
  /// Passes over records until the next one has `number`, there are no more, or `stop` asks for it;
  /// waits for the disk.
  void skip_to(std::uint64_t number, const std::stop_token& stop);

 private:
  enum class Got { Bytes, Nothing, WouldWait };
  Got read_more(bool wait);
  /// What was read and not taken.
  [[nodiscard]] std::string_view held() const noexcept;

  uds::Fd file_;
  std::int64_t offset_ = 0;       // of the file, behind what is held
  std::unique_ptr<char[]> room_;  // only while there is something to read
  std::size_t begin_ = 0;         // what is held and not taken: [begin_, end_)
  std::size_t end_ = 0;
  std::uint64_t taken_ = 0;
  Record record_{};
  bool failed_ = false;  // the file cannot be read
};

}  // namespace udsd
