// The log in systemd-journald, with fields: one datagram for each record, in the journal's native
// protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL), so that `journalctl UDS_CMD=ping` works.
//
// Owns its socket. A journal that does not read is not waited for: what it does not take at once is
// lost.
#pragma once

#include <string>
#include <string_view>

#include "uds/fd.hpp"
#include "uds/log.hpp"

namespace udsd {

inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

/// The number of `level` in syslog(3), as a text.
std::string_view syslog_priority(uds::LogLevel level);

/// The datagram of `record`: PRIORITY, `identifier` as SYSLOG_IDENTIFIER, `message` as MESSAGE, and
/// each field as UDS_<NAME>, where id, uid, pid and us are REQUEST_ID, PEER_UID, PEER_PID and
/// DURATION_US.
std::string format_journal_fields(const uds::LogRecord& record, const std::string& message,
                                  std::string_view identifier = "udsd");

class Journal {
 public:
  explicit Journal(std::string path = kJournalSocket);

  /// False when there is no journal: the record is then to be written elsewhere.
  bool send(const std::string& datagram) const;
  /// Whether the journal has taken it. What it does not take at once is not sent.
  bool deliver(const std::string& datagram) const;

 private:
  std::string path_;
  uds::Fd socket_;
};

}  // namespace udsd
