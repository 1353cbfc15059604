// Formatting is pure; the sink does the writing. spdlog adds the time.
//
// The sink asks poll(2) first instead of making standard error non-blocking: that flag would belong
// to the shell that started udsd as well. A pipe that polls as writable takes PIPE_BUF bytes
// without blocking, so no write is longer.
#include "log.hpp"

#include <limits.h>
#include <poll.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "journal.hpp"
#include "uds/json.hpp"

namespace udsd {
namespace {

// As much of a field as log_quote() shows, for the format that does not use it.
constexpr std::size_t kShownBytes = 256;

bool is_plain_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+%,";
  return !text.empty() && text.size() <= 128 &&
         text.find_first_not_of(kPlain) == std::string_view::npos;
}

// The message is our own text; this only keeps a path with a line end in it from looking like two
// records.
void append_line(std::string& out, std::string_view message) {
  for (const char byte : message)
    out += static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F ? '?' : byte;
}

void append_body(std::string& out, const uds::LogRecord& record) {
  append_line(out, record.message);
  for (const auto& [key, value] : record.fields) {
    out.append(" ").append(key).append("=");
    out += is_plain_word(value) ? value : uds::log_quote(value);
  }
}

class DescriptorSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (line.size() > PIPE_BUF) {
      line.resize(PIPE_BUF);
      line[PIPE_BUF - 1] = '\n';
    }
    pollfd state{descriptor_, POLLOUT, 0};
    if (::poll(&state, 1, 0) != 1 || (state.revents & POLLOUT) == 0) return;
    // Nobody is left who could be told of a log that cannot be written.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, line.data(), line.size());
  }
  void flush_() override {}

 private:
  int descriptor_;
};

constexpr const char* kTime = "%Y-%m-%dT%H:%M:%S.%e%z";

}  // namespace

LogFormat default_log_format(int descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || ::fstat(descriptor, &status) != 0) return LogFormat::Text;
  const std::string ours = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  return ours == stream ? LogFormat::Journal : LogFormat::Text;
}

std::string format_text(const uds::LogRecord& record) {
  std::string out(to_string(record.level));
  out += ' ';
  append_body(out, record);
  return out;
}

std::string format_journal(const uds::LogRecord& record) {
  // The prefix of sd-daemon(3).
  std::string out = "<" + std::string(syslog_priority(record.level)) + ">";
  append_body(out, record);
  return out;
}

std::string format_json(const uds::LogRecord& record) {
  std::string message;
  append_line(message, record.message);
  uds::Json object = uds::Json::object();
  for (const auto& [key, value] : record.fields)
    object[std::string(key)] =
        value.size() > kShownBytes ? value.substr(0, kShownBytes) + "\u2026" : value;
  object["level"] = to_string(record.level);
  object["message"] = std::move(message);
  std::string out;
  uds::append_json(out, object);
  return out;
}

uds::Log make_log(const LogSettings& settings, int descriptor, const char* journal_socket) {
  auto logger =
      std::make_shared<spdlog::logger>("udsd", std::make_shared<DescriptorSink>(descriptor));
  // uds::Log filters by level already.
  logger->set_level(spdlog::level::trace);
  switch (settings.format) {
    case LogFormat::Text:
      logger->set_pattern(std::string(kTime) + " %v");
      return {settings.level, [logger](const uds::LogRecord& record) {
                logger->log(spdlog::level::info, spdlog::string_view_t(format_text(record)));
              }};
    case LogFormat::Json:
      // The time goes in front as one more member: what follows is the object without its brace.
      logger->set_pattern(std::string(R"({"time":")") + kTime + R"(",%v)");
      return {settings.level, [logger](const uds::LogRecord& record) {
                const std::string object = format_json(record);
                logger->log(spdlog::level::info,
                            spdlog::string_view_t(object.data() + 1, object.size() - 1));
              }};
    case LogFormat::Journal:
      break;
  }
  logger->set_pattern("%v");
  return {settings.level, [logger, journal = std::make_shared<Journal>(journal_socket)](
                              const uds::LogRecord& record) {
            std::string message;
            append_body(message, record);
            if (!journal->send(format_journal_fields(record, message)))
              logger->log(spdlog::level::info, spdlog::string_view_t(format_journal(record)));
          }};
}

}  // namespace udsd
