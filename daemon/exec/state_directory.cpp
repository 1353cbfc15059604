// Bodies of state_directory.hpp.
#include "exec/state_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "shared/run_files.hpp"
#include "trust.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

bool share(int descriptor, const std::optional<gid_t>& readers, mode_t own,
           mode_t shared) noexcept {
  if (!readers) return ::fchmod(descriptor, own) == 0;
  return ::fchown(descriptor, static_cast<uid_t>(-1), *readers) == 0 &&
         ::fchmod(descriptor, shared) == 0;
}

/// The directory `name` below `parent`, which is made where it is missing.
uds::Result<uds::Fd, std::string> open_or_make(int parent, const std::string& name,
                                               const std::string& shown,
                                               const StateDirectory& state) {
  const bool made = ::mkdirat(parent, name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST)
    return uds::Error::from_errno("cannot create the directory " + uds::log_quote(shown) +
                                      "; create it, or choose another state_dir",
                                  errno)
        .message();
  uds::Fd directory(
      ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory)
    return uds::Error::from_errno("cannot open the directory " + uds::log_quote(shown), errno)
        .message();
  if (const auto why = distrust_store(directory.get(), ::geteuid()))
    return "the directory " + uds::log_quote(shown) + " " + *why;
  if (made && !state.share_directory(directory.get()))
    return uds::Error::from_errno("cannot let udsd read " + uds::log_quote(shown), errno).message();
  return directory;
}

/// What is missing above `path`, for its user alone, as the XDG Base Directory Specification has
/// it. What fails here is told where the directory itself cannot be made.
void make_parents(const std::string& path) {
  for (std::size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1))
    static_cast<void>(::mkdir(path.substr(0, end).c_str(), 0700));
}

}  // namespace

bool StateDirectory::share_directory(int descriptor) const noexcept {
  return share(descriptor, readers, 0700, 0750);
}

bool StateDirectory::share_file(int descriptor) const noexcept {
  return share(descriptor, readers, 0600, 0640);
}

uds::Result<StateDirectory, std::string> StateDirectory::open(const Instance& instance) {
  StateDirectory state;
  state.path = instance.state_dir;
  if (!instance.is_private && instance.daemon) state.readers = instance.daemon->gid;
  if (instance.is_private) make_parents(state.path);
  auto top = open_or_make(AT_FDCWD, state.path, state.path, state);
  if (!top) return top.error();
  state.top = *std::move(top);
  auto runs =
      open_or_make(state.top.get(), run_files::kRuns, state.path + "/" + run_files::kRuns, state);
  if (!runs) return runs.error();
  state.runs = *std::move(runs);
  return state;
}

}  // namespace udsd
