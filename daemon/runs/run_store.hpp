// The runs below a state directory, as udsd-exec left them there. Reads only; never waits for
// anything but the disk, so whoever reads many does it off the loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runs/run_record.hpp"
#include "uds/fd.hpp"
#include "uds/result.hpp"

namespace udsd {

class RunStore {
 public:
  explicit RunStore(std::string state_directory) : state_(std::move(state_directory)) {}

  [[nodiscard]] const std::string& directory() const noexcept { return state_; }
  /// The path of the file `name` of `run`, which must be the name of a run.
  [[nodiscard]] std::string path_of(const std::string& run, const char* name) const;
  [[nodiscard]] std::string audit_path() const;

  /// The names of all runs, newest first. A directory that is not there has none. Errors: errno of
  /// opening it.
  [[nodiscard]] uds::Result<std::vector<std::string>> list() const;
  /// Nothing where there is no such run.
  [[nodiscard]] std::optional<RunRecord> facts(const std::string& run) const;
  /// Nothing while it goes on, or where there is none.
  [[nodiscard]] std::optional<RunEnding> result(const std::string& run) const;
  /// Whether a process answers for it. Only of a run without a result does it mean anything.
  [[nodiscard]] bool watched(const std::string& run) const;
  /// Its output, from the beginning. Errors: errno of open(2).
  [[nodiscard]] uds::Result<uds::Fd> output(const std::string& run) const;

 private:
  std::string state_;
};

}  // namespace udsd
