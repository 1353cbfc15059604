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

enum class LogLevel { Trace, Debug, Info, Warn, Error, Off };

/// One thing worth telling. `fields` hold what a structured sink stores by name (values are raw,
/// maybe foreign text).
class LogRecord {
 public:
  using Field = std::pair<std::string_view, std::string>;

  LogRecord(LogLevel record_level, std::string text)
      : level(record_level), message(std::move(text)) {}
  /// `key` must outlive the record: pass a literal.
  LogRecord& field(std::string_view key, std::string value) {
    fields.emplace_back(key, std::move(value));
    return *this;
  }

  LogLevel level;
  std::string message;
  std::vector<Field> fields;
};

/// Where records go. Copyable; the function is called on the thread that serves and must not block
/// for long or throw.
class Log {
 public:
  using Sink = std::function<void(const LogRecord&)>;

  Log() = default;
  Log(LogLevel level, Sink sink) : level_(level), sink_(std::move(sink)) {}

  [[nodiscard]] bool enabled(LogLevel level) const noexcept { return sink_ && level >= level_; }
  void set_level(LogLevel level) noexcept { level_ = level; }
  [[nodiscard]] LogLevel level() const noexcept { return level_; }
  void write(const LogRecord& record) const {
    if (enabled(record.level)) sink_(record);
  }

 private:
  LogLevel level_ = LogLevel::Off;
  Sink sink_;
};

/// Foreign text as one printable line in double quotes: JSON escapes, everything outside printable
/// ASCII escaped as
/// \uXXXX or \xXX, at most 256 bytes of the input ("…" marks a cut).
std::string log_quote(std::string_view text);

}  // namespace uds
