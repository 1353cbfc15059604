// Bodies of run_directory.hpp.
#include "exec/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "shared/run_files.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

constexpr off_t kRoomForResult = 4096;
constexpr int kBacklog = 16;

uds::Fd create(const StateDirectory& state, int directory, const char* name, int flags) {
  uds::Fd file(::openat(directory, name, flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file && !state.share_file(file.get())) file.reset();
  return file;
}

/// Puts `text` into `file`, whole.
bool write_whole(const uds::Fd& file, const std::string& text) {
  const ssize_t size = ::write(file.get(), text.data(), text.size());
  if (size >= 0 && size != static_cast<ssize_t>(text.size())) errno = ENOSPC;
  return size == static_cast<ssize_t>(text.size());
}

bool parse_number(std::string_view text, auto& out) {
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc() && stop == text.data() + text.size();
}

/// A socket that listens in `directory`. Its address goes through /proc, since a path may be longer
/// than an address.
uds::Fd listen_in(const StateDirectory& state, int directory) {
  const std::string path = "/proc/self/fd/" + std::to_string(directory) + "/" + run_files::kControl;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  uds::Fd listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  if (state.readers && ::fchownat(directory, run_files::kControl, static_cast<uid_t>(-1),
                                  *state.readers, AT_SYMLINK_NOFOLLOW) != 0)
    return {};
  const mode_t mode = state.readers ? 0660 : 0600;
  if (::fchmodat(directory, run_files::kControl, mode, 0) != 0 ||
      ::listen(listener.get(), kBacklog) != 0)
    return {};
  return listener;
}

}  // namespace

std::string format_keep(const KeepFacts& facts) {
  return std::to_string(facts.time_ms) + "\n" + std::to_string(facts.owner.uid) + "\n" +
         facts.owner.user + "\n" + facts.owner.command + "\n";
}

std::optional<KeepFacts> parse_keep(std::string_view text) {
  std::array<std::string_view, 4> lines;
  for (std::string_view& line : lines) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return std::nullopt;
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  KeepFacts facts;
  if (!text.empty() || !parse_number(lines[0], facts.time_ms) || facts.time_ms < 0 ||
      !parse_number(lines[1], facts.owner.uid) || lines[3].empty())
    return std::nullopt;
  facts.owner.user = lines[2];
  facts.owner.command = lines[3];
  return facts;
}

uds::Result<RunDirectory, std::string> RunDirectory::prepare(const StateDirectory& state,
                                                             const std::string& run,
                                                             const std::string& facts,
                                                             const KeepFacts& keep) {
  RunDirectory made;
  made.run_ = run;
  made.name_ = "." + run + ".tmp";
  const auto failed = [&](int why) {
    made.discard(state);
    return uds::Error::from_errno("a directory for the run cannot be made in " +
                                      uds::log_quote(state.path) +
                                      "; free space on its disk or mend its permissions, then try "
                                      "again",
                                  why)
        .message();
  };
  if (::mkdirat(state.runs.get(), made.name_.c_str(), 0700) != 0) return failed(errno);
  made.directory_ = uds::Fd(::openat(state.runs.get(), made.name_.c_str(),
                                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const int directory = made.directory_.get();
  if (!made.directory_ || !state.share_directory(directory)) return failed(errno);
  made.lock_ = create(state, directory, run_files::kLock, O_RDWR);
  if (!made.lock_ || ::flock(made.lock_.get(), LOCK_EX | LOCK_NB) != 0) return failed(errno);
  made.facts_ = create(state, directory, run_files::kFacts, O_WRONLY);
  if (!made.facts_ || !write_whole(made.facts_, facts + "\n" + format_keep(keep)))
    return failed(errno);
  made.output_ = create(state, directory, run_files::kOutput, O_RDWR | O_APPEND);
  made.result_ = create(state, directory, kPendingResult, O_WRONLY);
  if (!made.output_ || !made.result_) return failed(errno);
  if (const int why = ::posix_fallocate(made.result_.get(), 0, kRoomForResult); why != 0)
    return failed(why);
  made.control = listen_in(state, directory);
  if (!made.control) return failed(errno);
  return made;
}

uds::Result<void, int> RunDirectory::publish(const StateDirectory& state) {
  if (::renameat(state.runs.get(), name_.c_str(), state.runs.get(), run_.c_str()) != 0)
    return errno;
  name_ = run_;
  return {};
}

void RunDirectory::discard(const StateDirectory& state) noexcept {
  for (const char* name : {run_files::kFacts, run_files::kOutput, kPendingResult,
                           run_files::kControl, run_files::kLock})
    static_cast<void>(::unlinkat(directory_.get(), name, 0));
  static_cast<void>(::unlinkat(state.runs.get(), name_.c_str(), AT_REMOVEDIR));
}

void RunDirectory::sync_facts() const noexcept {
  static_cast<void>(::fdatasync(facts_.get()));
}

uds::Result<void, int> RunDirectory::write_result(const std::string& text) const {
  if (::pwrite(result_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      ::ftruncate(result_.get(), static_cast<off_t>(text.size())) != 0 ||
      ::fsync(result_.get()) != 0 ||
      ::renameat(directory_.get(), kPendingResult, directory_.get(), run_files::kResult) != 0 ||
      ::fsync(directory_.get()) != 0)
    return errno;
  return {};
}

bool RunDirectory::has_result() const noexcept {
  return ::faccessat(directory_.get(), run_files::kResult, F_OK, 0) == 0;
}

}  // namespace udsd
