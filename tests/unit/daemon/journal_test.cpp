// The journal's native protocol: fields by name, values that are cut by nothing, and a journal that
// is away or does not read.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include "journal.hpp"
#include "log.hpp"
#include "uds/fd.hpp"

namespace {

using uds::LogLevel;
using uds::LogRecord;

LogRecord request() {
  LogRecord record(LogLevel::Info, "request refused");
  record.field("code", "busy").field("cmd", "ping").field("id", "42").field("uid", "1000");
  record.field("pid", "7").field("us", "15").field("socket_from", "udsd");
  return record;
}

/// A socket that stands where the journal's would.
class FakeJournal {
 public:
  FakeJournal() {
    std::string folder = "/tmp/uds-journal-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) ADD_FAILURE() << "mkdtemp";
    folder_ = folder;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path().c_str(), path().size() + 1);
    socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      ADD_FAILURE() << "bind";
  }
  FakeJournal(const FakeJournal&) = delete;
  FakeJournal& operator=(const FakeJournal&) = delete;
  ~FakeJournal() {
    ::unlink(path().c_str());
    ::rmdir(folder_.c_str());
  }

  [[nodiscard]] std::string path() const { return folder_ + "/socket"; }
  /// One datagram, or nothing.
  [[nodiscard]] std::string take() const {
    std::array<char, 65'536> room{};
    const ssize_t size = ::recv(socket_.get(), room.data(), room.size(), 0);
    return size < 0 ? std::string() : std::string(room.data(), static_cast<std::size_t>(size));
  }

 private:
  std::string folder_;
  uds::Fd socket_;
};

TEST(Journal, FieldsHaveTheirNames) {
  EXPECT_EQ(udsd::format_journal_fields(request(), "request refused cmd=ping"),
            "MESSAGE=request refused cmd=ping\nPRIORITY=6\nSYSLOG_IDENTIFIER=udsd\nUDS_CODE=busy\n"
            "UDS_CMD=ping\nUDS_REQUEST_ID=42\nUDS_PEER_UID=1000\nUDS_PEER_PID=7\n"
            "UDS_DURATION_US=15\nUDS_SOCKET_FROM=udsd\n");
}

TEST(Journal, ALineEndMakesNoField) {
  LogRecord record(LogLevel::Error, "bug");
  record.field("what", "a\nPRIORITY=0");
  EXPECT_EQ(udsd::format_journal_fields(record, "bug"),
            std::string("MESSAGE=bug\nPRIORITY=3\nSYSLOG_IDENTIFIER=udsd\nUDS_WHAT\n"
                        "\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\n",
                        76));
}

TEST(Journal, ValuesHaveABound) {
  LogRecord record(LogLevel::Warn, "long");
  record.field("what", std::string(1'000'000, 'x'));
  EXPECT_LT(udsd::format_journal_fields(record, "long").size(), 5'000U);
}

TEST(Journal, RecordsGoThereAndNowhereElse) {
  const FakeJournal journal;
  const uds::Log log =
      udsd::make_log({LogLevel::Info, udsd::LogFormat::Journal}, -1, journal.path().c_str());
  log.write(request());
  EXPECT_TRUE(journal.take().starts_with("MESSAGE=request refused code=busy cmd=ping id=42"));
  log.write(LogRecord(LogLevel::Debug, "below the level"));
  EXPECT_EQ(journal.take(), "");
}

TEST(Journal, OneThatDoesNotReadIsNotWaitedFor) {
  const FakeJournal journal;
  const udsd::Journal ours(journal.path());
  // More than any receive queue takes; what does not fit is lost, and still no failure.
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(ours.send("MESSAGE=" + std::to_string(i) + "\n"));
  EXPECT_EQ(journal.take(), "MESSAGE=0\n");
}

TEST(Journal, WithoutOneTheLinesAreWrittenElsewhere) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const uds::Fd reader(ends[0]);
  const uds::Fd writer(ends[1]);
  const uds::Log log = udsd::make_log({LogLevel::Info, udsd::LogFormat::Journal}, writer.get(),
                                      "/nonexistent/journal");
  log.write(LogRecord(LogLevel::Warn, "alone"));
  std::array<char, 64> room{};
  const ssize_t size = ::read(reader.get(), room.data(), room.size());
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(room.data(), static_cast<std::size_t>(size)), "<4>alone\n");
}

}  // namespace
