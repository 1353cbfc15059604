// Bodies of audit.hpp.
#include "exec/audit.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "journal.hpp"
#include "shared/run_files.hpp"
#include "uds/fd.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

/// Why `line` is not in the file, as errno; 0 if it is, down to the disk.
int append_line(const StateDirectory& state, const std::string& line) {
  // Opened for each record: whoever rotates the log renames it.
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  // Other runs wait: the size is then ours to know, and to restore. The lock is a file of its own,
  // since whoever may read the log could lock that.
  const uds::Fd lock(::openat(state.top.get(), run_files::kAuditLock,
                              O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return errno;
  const uds::Fd file(::openat(state.top.get(), run_files::kAudit, kFlags, 0600));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) return errno;
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_uid != ::geteuid())
    return EPERM;
  if (status.st_size == 0 && !state.share_file(file.get())) return errno;
  std::string text = line + "\n";
  char last = '\n';
  if (status.st_size > 0 && ::pread(file.get(), &last, 1, status.st_size - 1) == 1 && last != '\n')
    text.insert(0, 1, '\n');
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return ::fdatasync(file.get()) == 0 ? 0 : errno;
  const int why = written < 0 ? errno : ENOSPC;
  // Half a record is none.
  return ::ftruncate(file.get(), status.st_size) == 0 ? why : errno;
}

bool send_to_journal(const AuditRecord& record) {
  uds::LogRecord out(uds::LogLevel::Info, record.message);
  out.field("audit", record.line);
  for (const auto& [name, value] : record.fields) out.field(name, value);
  return Journal().deliver(format_journal_fields(out, record.message, "udsd-exec"));
}

}  // namespace

uds::Result<void, std::string> write_audit(const StateDirectory& state, const AuditRecord& record,
                                           bool journal_is_enough) {
  const int why = append_line(state, record.line);
  // Where the file alone counts and has nothing, nothing will run: the journal is not to say it
  // did.
  if (why == 0 || journal_is_enough) {
    const bool in_journal = send_to_journal(record);
    if (why == 0 || in_journal) return {};
  }
  return uds::Error::from_errno(
             "the audit log " + uds::log_quote(state.path + "/" + run_files::kAudit) +
                 " cannot be written, and nothing runs without a record; free space on its disk or "
                 "mend its permissions, then try again",
             why)
      .message();
}

}  // namespace udsd
