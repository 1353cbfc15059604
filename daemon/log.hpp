// udsd's log: spdlog on standard error, or the journal, behind the uds::Log that the library writes
// to.
//
// On standard error one record is one line. A reader of the log that is slow or gone never stops
// udsd: what is not taken at once is lost.
#pragma once

#include <string>

#include "journal.hpp"
#include "log_names.hpp"
#include "settings.hpp"
#include "uds/log.hpp"

namespace udsd {

/// Journal when `descriptor` is connected to the journal (JOURNAL_STREAM in systemd.exec(5)), else
/// text.
LogFormat default_log_format(int descriptor = 2);

/// The line of `record` without its time and line end. Field values are quoted unless they are
/// plain words.
std::string format_text(const uds::LogRecord& record);
/// As format_text() without the level, after the priority prefix of sd-daemon(3): what the format
/// journal writes where there is no journal.
std::string format_journal(const uds::LogRecord& record);
/// One JSON object: `level`, `message` and the fields by name.
std::string format_json(const uds::LogRecord& record);

/// A log that writes to `descriptor`, which it does not own, or in the format journal to
/// `journal_socket`.
uds::Log make_log(const LogSettings& settings, int descriptor = 2,
                  const char* journal_socket = kJournalSocket);

}  // namespace udsd
