// Output of a command on its way into the spool, and what a spool holds.
#include "exec/output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>

#include "exec/spool_file.hpp"

namespace {

using udsd::Output;
using udsd::unfinished_utf8;

TEST(UnfinishedUtf8, CountsOnlyWhatMayStillBecomeWhole) {
  EXPECT_EQ(unfinished_utf8(""), 0U);
  EXPECT_EQ(unfinished_utf8("abc"), 0U);
  EXPECT_EQ(unfinished_utf8("a\xC3\xA4"), 0U);
  EXPECT_EQ(unfinished_utf8("a\xC3"), 1U);
  EXPECT_EQ(unfinished_utf8("a\xE2\x82"), 2U);
  EXPECT_EQ(unfinished_utf8("a\xF0\x9F\x98"), 3U);
  EXPECT_EQ(unfinished_utf8("\xF0\x9F\x98\x80"), 0U);
  EXPECT_EQ(unfinished_utf8("\x80\x80\x80\x80"), 0U);  // begins nothing
  EXPECT_EQ(unfinished_utf8("a\xFF"), 0U);
}

/// Pipes whose reading ends an Output has, and a spool in memory.
class OutputTest : public ::testing::Test {
 protected:
  OutputTest() : spool_(::memfd_create("spool", MFD_CLOEXEC)) {
    EXPECT_EQ(::fcntl(spool_.get(), F_SETFL, O_APPEND), 0);
  }

  Output make(udsd::OutputRule rule) {
    Output output(spool_.get(), rule);
    std::array<uds::Fd, 3> reading;
    for (std::size_t at = 0; at < reading.size(); ++at) {
      std::array<int, 2> ends{};
      EXPECT_EQ(::pipe(ends.data()), 0);
      reading[at].reset(ends[0]);
      writing_[at].reset(ends[1]);
    }
    output.attach(std::move(reading[0]), std::move(reading[1]), std::move(reading[2]));
    return output;
  }

  void write(std::size_t which, std::string_view text) {
    EXPECT_EQ(::write(writing_[which].get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }

  uds::Fd spool_;
  std::array<uds::Fd, 3> writing_;
};

TEST_F(OutputTest, ReadsWhatIsThereAndDoesNotWaitForTheEnd) {
  Output output = make({});
  EXPECT_FALSE(output.read(0));
  write(0, "abc");
  EXPECT_TRUE(output.read(0));
  write(1, "de");
  EXPECT_TRUE(output.drain());
  EXPECT_EQ(output.descriptors(), (std::array{-1, -1, -1}));
  udsd::RunResult result;
  output.describe(result);
  EXPECT_EQ(result.bytes_of_stdout, 3U);
  EXPECT_EQ(result.bytes_of_stderr, 2U);
  EXPECT_EQ(result.hash_of_stdout,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const udsd::SpoolSizes sizes = udsd::count_records(spool_.get());
  EXPECT_EQ(sizes.of_stdout, 3U);
  EXPECT_EQ(sizes.of_stderr, 2U);
}

TEST_F(OutputTest, TheLimitIsForBothStreamsTogether) {
  Output output = make({4, false});
  write(0, "abc");
  write(1, "de");
  EXPECT_TRUE(output.read(0));
  EXPECT_FALSE(output.take_failure());
  EXPECT_TRUE(output.read(1));
  EXPECT_TRUE(output.take_failure());
  EXPECT_FALSE(output.take_failure());  // said once
  udsd::RunResult result;
  output.describe(result);
  EXPECT_EQ(result.bytes_of_stderr, 1U);
  EXPECT_EQ(result.dropped, 1U);
}

TEST_F(OutputTest, WhatIsDroppedIsCounted) {
  Output output = make({4, true});
  write(0, "abcdef");
  output.read(0);
  write(0, "ghi");
  output.read(0);
  EXPECT_FALSE(output.take_failure());
  udsd::RunResult result;
  output.describe(result);
  EXPECT_EQ(result.bytes_of_stdout, 4U);
  EXPECT_EQ(result.dropped, 5U);
}

TEST_F(OutputTest, ASpoolThatCannotBeWrittenEndsTheRun) {
  const uds::Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_FALSE(udsd::append_record(full.get(), udsd::spool::Stream::Stdout, "x"));
}

TEST(SpoolSizes, EndAtADamagedRecord) {
  const uds::Fd spool(::memfd_create("spool", MFD_CLOEXEC));
  ASSERT_EQ(::fcntl(spool.get(), F_SETFL, O_APPEND), 0);
  ASSERT_TRUE(udsd::append_record(spool.get(), udsd::spool::Stream::Stdout, "abc"));
  ASSERT_EQ(::write(spool.get(), "\x05\0\0\0\0\0\0\0ab", 10), 10);
  EXPECT_EQ(udsd::count_records(spool.get()).of_stdout, 3U);
}

}  // namespace
