// The log: one record is one printable line in every format, and a log that nobody reads stops
// nobody.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "log.hpp"
#include "uds/fd.hpp"
#include "uds/json.hpp"

namespace {

using uds::LogLevel;
using uds::LogRecord;

const std::string kHostile =
    std::string("a\nb\r\x1b[31m\"\\ \xe2\x80\xae \xff") + std::string(1, '\0');

LogRecord sample() {
  LogRecord record(LogLevel::Info, "serving");
  record.field("socket", "/run/uds/uds.sock").field("cmd", kHostile).field("empty", "");
  return record;
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) ADD_FAILURE() << "pipe2";
    reader.reset(ends[0]);
    writer.reset(ends[1]);
    ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
  }
  [[nodiscard]] std::string take() const {
    std::string text;
    std::array<char, 65536> piece{};
    for (ssize_t size = 0; (size = ::read(reader.get(), piece.data(), piece.size())) > 0;)
      text.append(piece.data(), static_cast<std::size_t>(size));
    return text;
  }
  uds::Fd reader;
  uds::Fd writer;
};

bool is_printable_line(const std::string& text) {
  for (const char byte : text)
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) return false;
  return true;
}

TEST(LogFormat, TextQuotesWhatIsNoPlainWord) {
  const std::string line = udsd::format_text(sample());
  EXPECT_TRUE(line.starts_with("info serving socket=/run/uds/uds.sock cmd=\"a\\nb\\r")) << line;
  EXPECT_TRUE(line.ends_with(" empty=\"\"")) << line;
  EXPECT_TRUE(is_printable_line(line)) << line;
  for (const char byte : line) EXPECT_LT(static_cast<unsigned char>(byte), 0x7F) << line;
}

TEST(LogFormat, JournalHasThePriorityOfSyslog) {
  const auto line = [](LogLevel level) { return udsd::format_journal(LogRecord(level, "x")); };
  EXPECT_EQ(line(LogLevel::Trace), "<7>x");
  EXPECT_EQ(line(LogLevel::Debug), "<7>x");
  EXPECT_EQ(line(LogLevel::Info), "<6>x");
  EXPECT_EQ(line(LogLevel::Warn), "<4>x");
  EXPECT_EQ(line(LogLevel::Error), "<3>x");
}

TEST(LogFormat, JsonIsOneObject) {
  const std::string line = udsd::format_json(sample());
  EXPECT_TRUE(is_printable_line(line)) << line;
  const auto value = uds::parse_json(line);
  ASSERT_TRUE(value) << line;
  EXPECT_EQ(value->at("level"), "info");
  EXPECT_EQ(value->at("message"), "serving");
  EXPECT_EQ(value->at("socket"), "/run/uds/uds.sock");
}

TEST(LogFormat, AMegabyteOfForeignTextIsCut) {
  LogRecord record(LogLevel::Info, "x");
  record.field("cmd", std::string(1'000'000, 'a'));
  EXPECT_LT(udsd::format_text(record).size(), 400U);
  EXPECT_LT(udsd::format_json(record).size(), 400U);
}

TEST(LogFormat, ALineEndInAMessageDoesNotMakeASecondRecord) {
  const LogRecord record(LogLevel::Warn, "path /a\nerror forged");
  EXPECT_TRUE(is_printable_line(udsd::format_text(record)));
  EXPECT_TRUE(is_printable_line(udsd::format_journal(record)));
  EXPECT_TRUE(is_printable_line(udsd::format_json(record)));
}

TEST(LogLevels, AreReadAndWritten) {
  for (const char* name : {"trace", "debug", "info", "warn", "error", "off"}) {
    const auto level = udsd::parse_log_level(name);
    ASSERT_TRUE(level) << name;
    EXPECT_EQ(udsd::to_string(*level), name);
  }
  for (const char* name : {"", "INFO", "warning", "2"})
    EXPECT_FALSE(udsd::parse_log_level(name)) << name;
}

TEST(LogSink, WritesOneLineARecordWithItsTime) {
  const Pipe pipe;
  const uds::Log log = udsd::make_log({LogLevel::Info, udsd::LogFormat::Text}, pipe.writer.get());
  log.write(LogRecord(LogLevel::Debug, "not shown"));
  log.write(LogRecord(LogLevel::Info, "shown {} %v"));
  const std::string text = pipe.take();
  // 2030-01-31T12:00:00.000+00:00
  ASSERT_GT(text.size(), 29U);
  EXPECT_EQ(text.substr(29), " info shown {} %v\n");
  std::string shape = text.substr(0, 29);
  for (char& byte : shape)
    if (byte >= '0' && byte <= '9') byte = '0';
  EXPECT_TRUE(shape == "0000-00-00T00:00:00.000+00:00" || shape == "0000-00-00T00:00:00.000-00:00")
      << text;
}

TEST(LogSink, JsonLinesHaveTheirTime) {
  const Pipe pipe;
  udsd::make_log({LogLevel::Info, udsd::LogFormat::Json}, pipe.writer.get()).write(sample());
  const std::string text = pipe.take();
  ASSERT_TRUE(text.ends_with("}\n"));
  const auto value = uds::parse_json(text);
  ASSERT_TRUE(value) << text;
  EXPECT_EQ(value->at("time").get<std::string>().size(), 29U);
}

TEST(LogSink, AFullPipeLosesLinesAndNothingElse) {
  const Pipe pipe;
  const uds::Log log = udsd::make_log({LogLevel::Info, udsd::LogFormat::Text}, pipe.writer.get());
  for (int line = 0; line < 10'000; ++line)
    log.write(LogRecord(LogLevel::Info, std::string(100, 'x')));
  const std::string kept = pipe.take();
  EXPECT_GT(kept.size(), 4096U);
  EXPECT_TRUE(kept.ends_with("x\n"));
  log.write(LogRecord(LogLevel::Info, "again"));
  EXPECT_TRUE(pipe.take().ends_with("again\n"));
}

TEST(LogSink, ALineIsNeverLongerThanAPipeTakesAtOnce) {
  const Pipe pipe;
  udsd::make_log({LogLevel::Info, udsd::LogFormat::Journal}, pipe.writer.get())
      .write(LogRecord(LogLevel::Info, std::string(100'000, 'x')));
  const std::string text = pipe.take();
  EXPECT_EQ(text.size(), 4096U);
  EXPECT_EQ(text.back(), '\n');
}

TEST(LogSink, AClosedReaderOrDescriptorIsNoFailure) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.reader.reset();
  udsd::make_log({LogLevel::Info, udsd::LogFormat::Text}, pipe.writer.get()).write(sample());
  udsd::make_log({LogLevel::Info, udsd::LogFormat::Text}, -1).write(sample());
  std::signal(SIGPIPE, SIG_DFL);
}

TEST(LogSink, KnowsTheJournalByItsStream) {
  const Pipe pipe;
  struct stat status{};
  ASSERT_EQ(::fstat(pipe.writer.get(), &status), 0);
  const std::string stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
  EXPECT_EQ(udsd::default_log_format(pipe.writer.get()), udsd::LogFormat::Journal);
  ::setenv("JOURNAL_STREAM", "1:2", 1);
  EXPECT_EQ(udsd::default_log_format(pipe.writer.get()), udsd::LogFormat::Text);
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_EQ(udsd::default_log_format(pipe.writer.get()), udsd::LogFormat::Text);
}

}  // namespace
