// Body of retention.hpp.
#include "exec/retention.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <vector>

#include "exec/audit.hpp"
#include "exec/records.hpp"
#include "exec/run_directory.hpp"
#include "exec/spool_file.hpp"
#include "read_directory.hpp"
#include "read_file.hpp"
#include "shared/run_files.hpp"
#include "shared/run_id.hpp"
#include "uds/fd.hpp"

namespace udsd {
namespace {

using std::chrono::system_clock;

/// A hidden directory that is older was left by a udsd-exec that was killed.
constexpr std::chrono::seconds kOldestHidden{60};

/// What a run takes beside its output, so that those without any do not pile up: its directory and
/// five files, a block each and some.
constexpr std::uint64_t kOwnBytes = std::uint64_t{32} << 10;

/// How long a run is kept whose facts the host lost when it went down.
constexpr std::chrono::milliseconds kKeepWithoutFacts = std::chrono::hours(7 * 24);

/// A run that has ended.
struct EndedRun {
  std::string name;
  std::string command;
  std::uint64_t bytes = 0;
};

/// Sorted, which for runs is by age; none where they cannot be read.
std::vector<std::string> names_in(int directory) {
  auto names = read_directory(directory);
  return names ? *std::move(names) : std::vector<std::string>();
}

system_clock::time_point changed(const struct stat& status) {
  const std::chrono::nanoseconds time = std::chrono::seconds(status.st_mtim.tv_sec) +
                                        std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(time));
}

class Tidier {
 public:
  explicit Tidier(const StateDirectory& state) : state_(state), now_(system_clock::now()) {}

  void run(const std::string& command, std::uint64_t total) {
    std::vector<EndedRun> ended;
    for (const std::string& name : names_in(state_.runs.get())) {
      if (name.starts_with('.'))
        look_at_hidden(name);
      else if (is_run_id(name))
        look_at(name, ended);
    }
    std::erase_if(ended, [&](const EndedRun& run) { return run.command != command; });
    std::uint64_t all = 0;
    for (const EndedRun& run : ended) all += run.bytes;
    for (const EndedRun& run : ended) {
      if (all <= total) return;
      if (const uds::Fd directory = open_run(run.name); directory && lock(directory.get()))
        remove(run.name, directory.get());
      all -= run.bytes;
    }
  }

 private:
  [[nodiscard]] uds::Fd open_run(const std::string& name) const {
    return uds::Fd(
        ::openat(state_.runs.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }

  /// Nothing where a process answers for the run. The lock goes with the descriptor.
  [[nodiscard]] static uds::Fd lock(int directory) {
    uds::Fd file(::openat(directory, run_files::kLock, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (!file || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return {};
    return file;
  }

  [[nodiscard]] static std::optional<KeepFacts> keep_facts(int directory) {
    const uds::Fd file(::openat(directory, run_files::kFacts, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const auto text = read_all(file.get());
    const std::size_t line = text ? text->find('\n') : std::string::npos;
    if (line == std::string::npos) return std::nullopt;
    return parse_keep(std::string_view(*text).substr(line + 1));
  }

  void look_at_hidden(const std::string& name) const {
    const uds::Fd directory = open_run(name);
    struct stat status{};
    if (!directory || ::fstat(directory.get(), &status) != 0 ||
        now_ - changed(status) < kOldestHidden)
      return;
    const bool has_lock = ::faccessat(directory.get(), run_files::kLock, F_OK, 0) == 0;
    if (!has_lock || lock(directory.get())) remove(name, directory.get());
  }

  void look_at(const std::string& name, std::vector<EndedRun>& ended) const {
    const uds::Fd directory = open_run(name);
    if (!directory) return;
    const uds::Fd held = lock(directory.get());
    if (!held) return;
    const auto keep = keep_facts(directory.get());
    struct stat result{};
    if (::fstatat(directory.get(), run_files::kResult, &result, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) settle(name, directory.get(), keep);
      return;
    }
    const std::chrono::milliseconds time =
        keep ? std::chrono::milliseconds(keep->time_ms) : kKeepWithoutFacts;
    if (now_ - changed(result) > time) return remove(name, directory.get());
    if (!keep) return;
    struct stat output{};
    static_cast<void>(::fstatat(directory.get(), run_files::kOutput, &output, AT_SYMLINK_NOFOLLOW));
    const std::uint64_t bytes = static_cast<std::uint64_t>(output.st_size) + kOwnBytes;
    ended.push_back({name, keep->owner.command, bytes});
  }

  void settle(const std::string& name, int directory, const std::optional<KeepFacts>& keep) const {
    RunResult result;
    result.started = true;  // it may have
    result.reason = "its supervisors were killed, or the host went down; it may have been run";
    const uds::Fd output(
        ::openat(directory, run_files::kOutput, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    const SpoolSizes sizes = count_records(output.get());
    result.bytes_of_stdout = sizes.of_stdout;
    result.bytes_of_stderr = sizes.of_stderr;
    const std::string text = format_result(name, result, now_);
    const uds::Fd file(::openat(directory, kPendingResult,
                                O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file || !state_.share_file(file.get()) ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.get()) != 0 ||
        ::renameat(directory, kPendingResult, directory, run_files::kResult) != 0)
      return;
    static_cast<void>(::fsync(directory));
    const auto recorded =
        write_audit(state_,
                    end_record(name, keep ? keep->owner : RunOwner{static_cast<uid_t>(-1), {}, {}},
                               result, now_),
                    true);
    if (!recorded) std::cerr << "udsd-exec: run " << name << ": " << recorded.error() << '\n';
  }

  void remove(const std::string& name, int directory) const {
    for (const std::string& file : names_in(directory))
      static_cast<void>(::unlinkat(directory, file.c_str(), 0));
    static_cast<void>(::unlinkat(state_.runs.get(), name.c_str(), AT_REMOVEDIR));
  }

  const StateDirectory& state_;
  system_clock::time_point now_;
};

}  // namespace

void tidy_runs(const StateDirectory& state, const std::string& command, std::uint64_t total) {
  Tidier(state).run(command, total);
}

}  // namespace udsd
