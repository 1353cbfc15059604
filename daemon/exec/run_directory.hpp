// The directory of one run: made under a hidden name, filled, locked, and then shown whole.
//
// Owns the open files. The lock is held by every process that has a copy of its descriptor, so by
// guardian and shim, until the last of them has ended.
#pragma once

#include <cstdint>
#include <string>

#include "exec/records.hpp"
#include "exec/state_directory.hpp"
#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace udsd {

/// What retention must know of a run without reading JSON: what follows the first line of its
/// facts.
struct KeepFacts {
  std::int64_t time_ms = 0;
  RunOwner owner;
};

/// The result as long as it is none: its space is taken when there still is some.
inline constexpr const char* kPendingResult = ".result";

std::string format_keep(const KeepFacts& facts);
/// Nothing if `text` is not what format_keep() writes.
std::optional<KeepFacts> parse_keep(std::string_view text);

class RunDirectory {
 public:
  /// Makes the directory, hidden. Error: a sentence.
  static uds::Result<RunDirectory, std::string> prepare(const StateDirectory& state,
                                                        const std::string& run,
                                                        const std::string& facts,
                                                        const KeepFacts& keep);
  /// Shows it. Error: errno.
  [[nodiscard]] uds::Result<void, int> publish(const StateDirectory& state);
  /// Removes it again.
  void discard(const StateDirectory& state) noexcept;

  /// Has the facts on disk. The audit tells of the run already, so the command need not wait for
  /// this, and its failure is none of the run.
  void sync_facts() const noexcept;

  /// Makes `text` the result, on disk before its name is. Error: errno.
  [[nodiscard]] uds::Result<void, int> write_result(const std::string& text) const;
  [[nodiscard]] bool has_result() const noexcept;

  [[nodiscard]] int output() const noexcept { return output_.get(); }
  /// Listens; close-on-exec.
  uds::Fd control;

 private:
  RunDirectory() = default;

  std::string run_;
  std::string name_;  ///< as it is now
  uds::Fd directory_;
  uds::Fd lock_;
  uds::Fd facts_;
  uds::Fd output_;
  uds::Fd result_;
};

}  // namespace udsd
