// Writing to what is ready: all at once where it fits, never waiting for a pipe or a socket.
#include "ready_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string>

#include "uds/fd.hpp"

namespace udsctl {
namespace {

struct Ends {
  uds::Fd reads;
  uds::Fd writes;
};

Ends make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {uds::Fd(ends[0]), uds::Fd(ends[1])};
}

bool is_ready(int descriptor) {
  pollfd entry{descriptor, POLLOUT, 0};
  return ::poll(&entry, 1, 0) == 1;
}

/// Writes as long as poll(2) says so, and gives how much.
std::size_t fill(const ReadyWriter& writer) {
  const std::string bytes(100'000, 'x');
  std::size_t all = 0;
  while (is_ready(writer.descriptor())) {
    const ssize_t written = writer.write(bytes);
    if (written < 0) {
      EXPECT_EQ(errno, EAGAIN);
      break;
    }
    all += static_cast<std::size_t>(written);
  }
  return all;
}

TEST(ReadyWriter, FillsAPipeAndDoesNotWait) {
  const Ends pipe = make_pipe();
  const auto room = static_cast<std::size_t>(::fcntl(pipe.writes.get(), F_GETPIPE_SZ));
  const ReadyWriter writer(pipe.writes.get());
  EXPECT_EQ(fill(writer), room);
  std::string page(PIPE_BUF, '\0');
  ASSERT_EQ(::read(pipe.reads.get(), page.data(), page.size()), PIPE_BUF);
  EXPECT_EQ(fill(writer), page.size());
}

TEST(ReadyWriter, FillsASocketAndDoesNotWait) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const uds::Fd reads(ends[0]);
  const uds::Fd writes(ends[1]);
  EXPECT_GT(fill(ReadyWriter(writes.get())), 0U);
}

TEST(ReadyWriter, WritesAFileAtOnceWhereItStands) {
  const uds::Fd file(::memfd_create("file", MFD_CLOEXEC));
  const ReadyWriter writer(file.get());
  const std::string bytes(300'000, 'x');
  EXPECT_EQ(writer.write(bytes), static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(writer.write("end"), 3);
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_END), static_cast<off_t>(bytes.size() + 3));
}

TEST(ReadyWriter, WritesToATerminal) {
  const uds::Fd terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(terminal);
  EXPECT_EQ(ReadyWriter(terminal.get()).write("line\n"), 5);
}

TEST(ReadyWriter, SaysWhyItCannot) {
  const uds::Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(ReadyWriter(full.get()).write("x"), -1);
  EXPECT_EQ(errno, ENOSPC);
  const uds::Fd reads_only(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(ReadyWriter(reads_only.get()).write("x"), -1);
  EXPECT_EQ(errno, EBADF);
}

}  // namespace
}  // namespace udsctl
