// Reading a spool while it grows, from an event on, and one that is damaged.
#include "runs/spool_reader.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace udsd {
namespace {

using spool::Stream;
using State = SpoolReader::State;

/// A file in memory, and what is written to it.
class Spool {
 public:
  Spool() : file_(::memfd_create("spool", MFD_CLOEXEC)) {}

  void write(std::string_view bytes) {
    ASSERT_EQ(::write(file_.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  static std::string record(Stream stream, const std::string& bytes) {
    const auto header = spool::encode({static_cast<std::uint32_t>(bytes.size()), stream});
    return std::string(header.begin(), header.end()) + bytes;
  }
  [[nodiscard]] SpoolReader reader() const { return SpoolReader(uds::Fd(::dup(file_.get()))); }

 private:
  uds::Fd file_;
};

/// The next state; the disk is asked where it must be.
State next(SpoolReader& reader) {
  for (;;) {
    const State state = reader.next();
    if (state != State::WouldWait) return state;
    reader.fill();
  }
}

TEST(SpoolReader, FollowsAFileThatGrowsByteByByte) {
  Spool spool;
  auto reader = spool.reader();
  const std::string bytes =
      Spool::record(Stream::Stdout, "one") + Spool::record(Stream::Stderr, "2");
  std::string seen;
  for (const char byte : bytes) {
    spool.write({&byte, 1});
    while (next(reader) == State::Record)
      seen += std::to_string(reader.record().number) + std::string(reader.record().bytes);
  }
  EXPECT_EQ(seen, "1one22");
}

TEST(SpoolReader, LargestRecordsComeWhole) {
  Spool spool;
  std::string all;
  for (int i = 0; i < 9; ++i) {
    const std::string bytes(spool::kMostRecordBytes - static_cast<std::size_t>(i % 2),
                            static_cast<char>('a' + i));
    spool.write(Spool::record(Stream::Stdout, bytes));
    all += bytes;
  }
  auto reader = spool.reader();
  std::string seen;
  while (next(reader) == State::Record) seen += reader.record().bytes;
  EXPECT_EQ(seen, all);
}

TEST(SpoolReader, SmallAndLargestRecordsComeInAnyOrder) {
  Spool spool;
  std::vector<std::string> written;
  for (std::size_t small = 1; small < 40; ++small) {
    written.emplace_back(small, 's');
    written.emplace_back(spool::kMostRecordBytes - small % 3, 'l');
    if (small % 5 == 0) written.emplace_back(spool::kMostRecordBytes / 2, 'm');
  }
  for (const std::string& bytes : written) spool.write(Spool::record(Stream::Stdout, bytes));
  auto reader = spool.reader();
  for (const std::string& bytes : written) {
    ASSERT_EQ(next(reader), State::Record);
    ASSERT_TRUE(reader.record().bytes == bytes) << reader.record().number;
  }
  EXPECT_EQ(next(reader), State::End);
  spool.write(std::string(spool::kHeaderBytes, '\xFF'));
  EXPECT_EQ(next(reader), State::Damaged);
}

TEST(SpoolReader, SkipsToAnEventAndNotBeyondTheEnd) {
  Spool spool;
  for (int i = 1; i <= 5; ++i) spool.write(Spool::record(Stream::Notice, std::to_string(i)));
  for (std::uint64_t from = 1; from <= 5; ++from) {
    auto reader = spool.reader();
    reader.skip_to(from, {});
    ASSERT_EQ(next(reader), State::Record);
    EXPECT_EQ(reader.record().number, from);
    EXPECT_EQ(reader.record().bytes, std::to_string(from));
  }
  auto reader = spool.reader();
  reader.skip_to(100, {});
  EXPECT_EQ(next(reader), State::End);
  spool.write(Spool::record(Stream::Stdout, "6"));
  ASSERT_EQ(next(reader), State::Record);
  EXPECT_EQ(reader.record().number, 6U);
}

TEST(SpoolReader, DamageIsNoticed) {
  Spool spool;
  spool.write(Spool::record(Stream::Stdout, "x"));
  spool.write("this is no header");
  auto reader = spool.reader();
  EXPECT_EQ(next(reader), State::Record);
  EXPECT_EQ(next(reader), State::Damaged);
}

}  // namespace
}  // namespace udsd
