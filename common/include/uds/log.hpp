// How the library tells its embedder what happened, without choosing a logging library.
//
// The embedder passes a Log with a level and a function; records below the level are never built.
// Text that came from a peer must go through log_quote() or into a field (the embedder quotes
// fields) and never raw into a message.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace uds {

/// How much a record matters. Off is no level of a record: as the level of a Log it lets none pass.
enum class LogLevel { Trace, Debug, Info, Warn, Error, Off };

/// One thing worth telling. `fields` hold what a structured sink stores by name (values are raw,
/// maybe foreign text).
class LogRecord {
 public:
  /// A key and its value.
  using Field = std::pair<std::string_view, std::string>;

  /// `text`: one line of our own words, without foreign text.
  LogRecord(LogLevel record_level, std::string text)
      : level(record_level), message(std::move(text)) {}
  /// `key` must outlive the record: pass a literal.
  LogRecord& field(std::string_view key, std::string value) {
    fields.emplace_back(key, std::move(value));
    return *this;
  }

  LogLevel level;             ///< how much it matters
  std::string message;        ///< what happened
  std::vector<Field> fields;  ///< in the order they were added
};

/// Where records go. Copyable; the function is called on the thread that serves and must not block
/// for long or throw.
class Log {
 public:
  /// Takes one record. Must neither block for long nor throw.
  using Sink = std::function<void(const LogRecord&)>;

  /// Writes nothing.
  Log() = default;
  /// Passes records of `level` and above to `sink`.
  Log(LogLevel level, Sink sink) : level_(level), sink_(std::move(sink)) {}

  /// Whether a record of `level` would be passed on. Ask before building an expensive one.
  [[nodiscard]] bool enabled(LogLevel level) const noexcept { return sink_ && level >= level_; }
  /// Changes the level of this copy.
  void set_level(LogLevel level) noexcept { level_ = level; }
  /// The lowest level that is passed on.
  [[nodiscard]] LogLevel level() const noexcept { return level_; }
  /// Passes `record` on if its level is enabled.
  void write(const LogRecord& record) const {
    if (enabled(record.level)) sink_(record);
  }

 private:
  LogLevel level_ = LogLevel::Off;
  Sink sink_;
};

/// Foreign text as one printable line in double quotes: JSON escapes, everything outside printable
/// ASCII escaped as `\uXXXX` or `\xXX`, at most 256 bytes of the input ("…" marks a cut).
std::string log_quote(std::string_view text);

}  // namespace uds
