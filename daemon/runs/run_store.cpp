// Bodies of run_store.hpp.
#include "runs/run_store.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

#include "read_directory.hpp"
#include "read_file.hpp"
#include "shared/run_files.hpp"
#include "shared/run_id.hpp"

namespace udsd {

std::string RunStore::path_of(const std::string& run, const char* name) const {
  return state_ + "/" + run_files::kRuns + "/" + run + "/" + name;
}

std::string RunStore::audit_path() const {
  return state_ + "/" + run_files::kAudit;
}

uds::Result<std::vector<std::string>> RunStore::list() const {
  const std::string path = state_ + "/" + run_files::kRuns;
  const uds::Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory && errno == ENOENT) return std::vector<std::string>();
  if (!directory) return uds::Error::from_errno("cannot read the runs in " + path, errno);
  auto runs = read_directory(directory.get());
  if (!runs) return uds::Error(runs.error().code(), path + ": " + runs.error().message());
  std::erase_if(*runs, [](const std::string& name) { return !is_run_id(name); });
  std::ranges::reverse(*runs);
  return runs;
}

std::optional<RunRecord> RunStore::facts(const std::string& run) const {
  const auto text = read_file(path_of(run, run_files::kFacts));
  if (!text) return std::nullopt;
  return parse_run_record(std::string_view(*text).substr(0, text->find('\n')));
}

std::optional<RunEnding> RunStore::result(const std::string& run) const {
  const auto text = read_file(path_of(run, run_files::kResult));
  return text ? parse_run_ending(*text) : std::nullopt;
}

bool RunStore::watched(const std::string& run) const {
  const uds::Fd lock(::open(path_of(run, run_files::kLock).c_str(), O_RDONLY | O_CLOEXEC));
  return lock && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

uds::Result<uds::Fd> RunStore::output(const std::string& run) const {
  uds::Fd file(::open(path_of(run, run_files::kOutput).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return uds::Error::from_errno("cannot open the output of the run", errno);
  return file;
}

}  // namespace udsd
