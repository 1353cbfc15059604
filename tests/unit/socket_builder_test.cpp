// SocketBuilder::listen: what it makes, what it refuses and in which words, and what it leaves
// behind. Races are in socket_races_test.cpp, inherited descriptors in socket_adopt_test.cpp.
#include "uds/socket_builder.hpp"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "../support.hpp"
#include "socket_tools.hpp"

namespace {

using uds::Errc;
using uds::SocketBuilder;
using namespace uds_test;

class SocketBuilderTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string at(const std::string& name) const {
    return directory_.path() + "/" + name;
  }

  // Refused with this code, in a message with these words.
  static void expect_refused(const SocketBuilder& builder, Errc code, const std::string& words) {
    const auto result = builder.listen();
    ASSERT_FALSE(result) << "should be refused: " << words;
    EXPECT_TRUE(result.error().is(code)) << result.error().message();
    EXPECT_NE(result.error().message().find(words), std::string::npos)
        << result.error().message() << "\nshould contain: " << words;
    EXPECT_NE(result.error().message().find("; "), std::string::npos)
        << "no remedy in: " << result.error().message();
  }

  TempDir directory_;
  std::string path_ = at("s");
};

// The open descriptors of this process and whether each is closed on exec.
std::map<int, bool> open_descriptors() {
  std::map<int, bool> open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int number = std::stoi(entry.path().filename());
    open[number] = (::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0;
  }
  return open;
}

TEST_F(SocketBuilderTest, ServesAndCleansUp) {
  auto socket = SocketBuilder(path_).listen();
  ASSERT_TRUE(socket) << socket.error().message();
  EXPECT_EQ(socket->path(), path_);
  EXPECT_FALSE(socket->adopted());
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_TRUE(connect_to(path_));
  EXPECT_EQ(mode_of(path_ + ".lock"), 0600U);
  EXPECT_EQ(read_file(path_ + ".lock"), std::to_string(::getpid()) + "\n");

  socket->close();
  EXPECT_FALSE(exists(path_));
  EXPECT_TRUE(exists(path_ + ".lock")) << "removing the lock file would race";
  socket->close();
  EXPECT_EQ(socket->native_handle(), -1);
  EXPECT_TRUE(SocketBuilder(path_).listen());
}

TEST_F(SocketBuilderTest, GetsTheExactModeWhateverTheUmask) {
  for (const mode_t mask : {0U, 022U, 077U, 0777U})
    for (const mode_t mode : {0600U, 0660U, 0666U, 0620U, 0060U, 0U}) {
      const mode_t before = ::umask(mask);
      const auto socket = SocketBuilder(path_).permissions(mode).listen();
      ::umask(before);
      ASSERT_TRUE(socket) << socket.error().message();
      EXPECT_EQ(mode_of(path_), mode) << "umask " << mask;
      EXPECT_EQ(mode_of(path_ + ".lock"), 0600U) << "umask " << mask;
    }
}

TEST_F(SocketBuilderTest, RefusesModesBeyondPermissions) {
  for (const mode_t mode : {01777U, 04600U, 0100600U}) {
    const auto socket = SocketBuilder(path_).permissions(mode).listen();
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code(), std::errc::invalid_argument);
    EXPECT_FALSE(exists(path_));
  }
}

TEST_F(SocketBuilderTest, GivesTheFileAnOwnerAndAGroup) {
  if (!should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  for (const auto& [user, group] : {std::pair("daemon", "daemon"), std::pair("1", "1")}) {
    const auto socket = SocketBuilder(path_).owner(user).group(group).permissions(0660).listen();
    ASSERT_TRUE(socket) << socket.error().message();
    EXPECT_EQ(status_of(path_).st_uid, 1U);
    EXPECT_EQ(status_of(path_).st_gid, 1U);
    EXPECT_EQ(mode_of(path_), 0660U);
  }
}

TEST_F(SocketBuilderTest, TheGroupOfASetgidDirectoryGetsNothing) {
  if (!should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  ASSERT_EQ(::chown(directory_.path().c_str(), 0, 1), 0);
  ASSERT_EQ(::chmod(directory_.path().c_str(), 02755), 0);
  const auto socket = SocketBuilder(path_).permissions(0660).listen();
  ASSERT_TRUE(socket) << socket.error().message();
  EXPECT_EQ(status_of(path_).st_gid, ::getegid());
}

TEST_F(SocketBuilderTest, RefusesUnknownOwnersAndGroups) {
  const std::vector<std::string> unknown{
      "no such one", "", "4294967295", "4294967296", "-1", "0x0", std::string("root\0x", 6)};
  for (const std::string& name : unknown) {
    expect_refused(SocketBuilder(path_).owner(name), Errc::UnknownUser, "there is no user ");
    expect_refused(SocketBuilder(path_).group(name), Errc::UnknownGroup, "there is no group ");
  }
  expect_refused(SocketBuilder(path_).owner("no\nsuch"), Errc::UnknownUser, R"("no\nsuch")");
  EXPECT_FALSE(exists(path_ + ".lock")) << "nothing is made before everything is known";
}

TEST_F(SocketBuilderTest, PathsUpTo107BytesWork) {
  for (const std::size_t length : {106U, 107U}) {
    const std::string path = at(std::string(length - at("").size(), 'x'));
    ASSERT_EQ(path.size(), length);
    const auto socket = SocketBuilder(path).listen();
    ASSERT_TRUE(socket) << socket.error().message();
    EXPECT_TRUE(connect_to(path));
  }
}

TEST_F(SocketBuilderTest, LongerPathsAreRefusedByLength) {
  for (const std::size_t length : {108U, 200U, 5000U}) {
    const std::string path = at(std::string(length - at("").size(), 'x'));
    expect_refused(SocketBuilder(path), Errc::PathTooLong,
                   "the path has " + std::to_string(length) + " bytes, the system allows 107: ");
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(SocketBuilderTest, RefusesPathsThatAreNone) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "the socket path is empty"},
      {std::string("a\0b", 3), R"(contains a NUL byte: "a\u0000b")"},
      {path_ + std::string("\0b", 2), "contains a NUL byte"},
      {"@x", "@x names an abstract socket"},
      {"./x", "relative: ./x"},
      {"x", "relative: x"},
      {"a b\n", R"(relative: "a b\n")"},
      {"/", "names a directory: /"},
      {at(""), "names a directory"},
      {at("."), "names a directory"},
      {at(".."), "names a directory"},
  };
  for (const auto& [path, words] : cases) expect_refused(SocketBuilder(path), Errc::BadPath, words);
}

TEST_F(SocketBuilderTest, AbstractNamesOnlyOnRequest) {
  const std::string name = "uds-test-" + std::to_string(::getpid());
  const auto builder = SocketBuilder("@" + name).allow_abstract(true);
  auto socket = builder.listen();
  ASSERT_TRUE(socket) << socket.error().message();
  EXPECT_EQ(socket->path(), "@" + name);
  EXPECT_TRUE(connect_to('\0' + name));
  expect_refused(builder, Errc::InUse, "another process serves this socket: @" + name);
  socket->close();
  EXPECT_FALSE(connect_to('\0' + name));

  const std::string longest(107 - name.size(), 'x');
  EXPECT_TRUE(SocketBuilder("@" + name + longest).allow_abstract(true).listen());
  expect_refused(SocketBuilder("@" + name + longest + "x").allow_abstract(true), Errc::PathTooLong,
                 "has 108 bytes, the system allows 107");
  expect_refused(SocketBuilder("@").allow_abstract(true), Errc::BadPath, "has no name");
  expect_refused(SocketBuilder(std::string("@a\0b", 4)).allow_abstract(true), Errc::BadPath, "NUL");
}

// Six kinds of objects, none of which may be touched.
TEST_F(SocketBuilderTest, RefusesAndSparesWhatStandsAtThePath) {
  const std::string victim = at("victim");
  write_file(victim, "precious");
  ASSERT_EQ(::chmod(victim.c_str(), 0640), 0);
  const auto expect_spared = [&](Errc code, const std::string& words) {
    const struct stat before = status_of(path_);
    expect_refused(SocketBuilder(path_).permissions(0666), code, words);
    const struct stat after = status_of(path_);
    EXPECT_EQ(before.st_ino, after.st_ino) << words;
    EXPECT_EQ(before.st_mode, after.st_mode) << words;
    EXPECT_EQ(read_file(victim), "precious") << words;
    EXPECT_EQ(mode_of(victim), 0640U) << words;
    EXPECT_EQ(::remove(path_.c_str()), 0);
  };

  ASSERT_EQ(::mkdir(path_.c_str(), 0700), 0);
  expect_spared(Errc::NotASocket, path_ + " is a directory");
  ASSERT_EQ(::symlink(victim.c_str(), path_.c_str()), 0);
  expect_spared(Errc::NotASocket, path_ + " is a symbolic link");
  ASSERT_EQ(::symlink("/nowhere", path_.c_str()), 0);
  expect_spared(Errc::NotASocket, path_ + " is a symbolic link");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  expect_spared(Errc::NotASocket, path_ + " is a FIFO");
  ASSERT_EQ(::link(victim.c_str(), path_.c_str()), 0);
  expect_spared(Errc::NotASocket, path_ + " is a regular file");
  const uds::Fd datagrams = raw_socket(path_, -1, SOCK_DGRAM);
  ASSERT_TRUE(datagrams);
  expect_spared(Errc::InUse, "another process serves this socket: " + path_);
  if (::mknod(path_.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0)
    expect_spared(Errc::NotASocket, path_ + " is a character device");
}

TEST_F(SocketBuilderTest, RemovesADeadSocketOnly) {
  raw_socket(path_, 1).reset();
  ASSERT_TRUE(S_ISSOCK(status_of(path_).st_mode));
  EXPECT_TRUE(SocketBuilder(path_).listen());
  EXPECT_FALSE(exists(path_));
}

TEST_F(SocketBuilderTest, NamesTheProcessThatServesWithoutOurLock) {
  Pipe ready;
  Pipe stop;
  const pid_t child = start_child([&] {
    stop.writer.reset();
    const uds::Fd served = raw_socket(path_, 0);
    ready.writer.reset();
    char byte = 0;
    return ::read(stop.reader.get(), &byte, 1) == 0 && served ? 0 : 1;
  });
  ready.writer.reset();
  char byte = 0;
  ASSERT_EQ(::read(ready.reader.get(), &byte, 1), 0);

  expect_refused(
      SocketBuilder(path_), Errc::InUse,
      "another process (pid " + std::to_string(child) + ") serves this socket: " + path_ + ";");
  // Connections that wait fill the queue; then nobody can ask, and the socket still counts as
  // served.
  std::vector<uds::Fd> waiting;
  for (uds::Fd client = connect_to(path_); client; client = connect_to(path_))
    waiting.push_back(std::move(client));
  expect_refused(SocketBuilder(path_), Errc::InUse, "another process serves this socket");
  EXPECT_TRUE(exists(path_));
  stop.writer.reset();
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(SocketBuilderTest, NamesTheProcessThatHasTheLock) {
  Pipe ready;
  Pipe stop;
  const pid_t child = start_child([&] {
    stop.writer.reset();
    const auto served = SocketBuilder(path_).listen();
    ready.writer.reset();
    char byte = 0;
    return ::read(stop.reader.get(), &byte, 1) == 0 && served ? 0 : 1;
  });
  ready.writer.reset();
  char byte = 0;
  ASSERT_EQ(::read(ready.reader.get(), &byte, 1), 0);

  expect_refused(
      SocketBuilder(path_), Errc::InUse,
      "another process (pid " + std::to_string(child) + ") serves this socket: " + path_ + ";");
  EXPECT_TRUE(connect_to(path_)) << "the first server must not notice";
  stop.writer.reset();
  EXPECT_EQ(wait_for(child), 0);
  // The pid left in the lock file is that of nobody now, and the dead process cannot hold the lock.
  const auto socket = SocketBuilder(path_).listen();
  EXPECT_TRUE(socket);
  expect_refused(SocketBuilder(path_), Errc::InUse, "this process serves this socket: " + path_);
}

TEST_F(SocketBuilderTest, RefusesDirectoriesThatAreNone) {
  write_file(at("file"), "");
  ASSERT_EQ(::mkdir(at("real").c_str(), 0700), 0);
  ASSERT_EQ(::symlink("real", at("link").c_str()), 0);
  expect_refused(SocketBuilder(at("missing/s")), Errc::UnsafeDirectory,
                 "the directory " + at("missing") + " does not exist; create it");
  expect_refused(SocketBuilder(at("file/s")), Errc::UnsafeDirectory,
                 at("file") + " is a regular file");
  expect_refused(SocketBuilder(at("link/s")), Errc::UnsafeDirectory,
                 at("link") + " is a symbolic link");
  expect_refused(SocketBuilder(at("link//s")), Errc::UnsafeDirectory,
                 at("link") + " is a symbolic link");
  EXPECT_TRUE(SocketBuilder(at("real//s")).listen());
}

TEST_F(SocketBuilderTest, RefusesLockFilesThatCouldBeTraps) {
  const std::string lock = path_ + ".lock";
  const std::string victim = at("victim");
  write_file(victim, "precious");
  const auto expect_trap = [&](const std::string& words) {
    expect_refused(SocketBuilder(path_), Errc::UnsafeDirectory,
                   "the lock file " + lock + " cannot be trusted: it " + words);
    EXPECT_EQ(read_file(victim), "precious");
    EXPECT_FALSE(exists(path_));
    EXPECT_EQ(::remove(lock.c_str()), 0);
  };
  ASSERT_EQ(::symlink(victim.c_str(), lock.c_str()), 0);
  expect_trap("is a symbolic link");
  ASSERT_EQ(::link(victim.c_str(), lock.c_str()), 0);
  expect_trap("has a second name");
  ASSERT_EQ(::mkfifo(lock.c_str(), 0600), 0);
  expect_trap("is a FIFO");
  ASSERT_EQ(::mkdir(lock.c_str(), 0700), 0);
  expect_trap("is a directory");
  const uds::Fd socket = raw_socket(lock, 1);
  expect_trap("is a socket");
}

TEST_F(SocketBuilderTest, RefusesALockFileOfAnotherUser) {
  if (!should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  const std::string lock = path_ + ".lock";
  for (const mode_t mode : {0700U, 01777U}) {
    write_file(lock, "");
    ASSERT_EQ(::chown(lock.c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(::chmod(directory_.path().c_str(), mode), 0);
    expect_refused(SocketBuilder(path_), Errc::UnsafeDirectory,
                   "it belongs to uid 65534; remove it");
    ASSERT_EQ(::remove(lock.c_str()), 0);
  }
}

TEST_F(SocketBuilderTest, TightensTheModeOfItsLockFile) {
  write_file(path_ + ".lock", "");
  ASSERT_EQ(::chmod((path_ + ".lock").c_str(), 0666), 0);
  EXPECT_TRUE(SocketBuilder(path_).listen());
  EXPECT_EQ(mode_of(path_ + ".lock"), 0600U);
}

TEST_F(SocketBuilderTest, WithoutPrivilegeServesButGivesNothingAway) {
  if (!should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  const std::string own = at("own");
  ASSERT_EQ(::mkdir(own.c_str(), 0755), 0);
  ASSERT_EQ(::chown(own.c_str(), kNobody, kNobody), 0);
  const std::string path = own + "/s";
  const auto refused_with = [](const SocketBuilder& builder, std::errc code,
                               const std::string& words) {
    const auto result = builder.listen();
    return !result && result.error().code() == code &&
           result.error().message().find(words) != std::string::npos;
  };
  EXPECT_EQ(run_as_nobody([&] { return SocketBuilder(path).permissions(0666).listen() ? 0 : 1; }),
            0);
  for (const auto& builder : {SocketBuilder(path).owner("root"), SocketBuilder(path).group("root")})
    EXPECT_EQ(run_as_nobody([&] {
                return refused_with(builder, std::errc::operation_not_permitted,
                                    "cannot give " + path + " to uid ")
                           ? 0
                           : 1;
              }),
              0);
  EXPECT_FALSE(exists(path)) << "a failure after bind must clean up";
  EXPECT_EQ(run_as_nobody([&] {
              return refused_with(
                         SocketBuilder(path_), std::errc::permission_denied,
                         "cannot open the lock file " + path_ + ".lock: Permission denied; ")
                         ? 0
                         : 1;
            }),
            0);
}

TEST_F(SocketBuilderTest, QueuesAsManyConnectionsAsTheBacklogSays) {
  const auto socket = SocketBuilder(path_).backlog(3).listen();
  ASSERT_TRUE(socket);
  std::vector<uds::Fd> clients;
  for (uds::Fd client = connect_to(path_); client; client = connect_to(path_))
    clients.push_back(std::move(client));
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(clients.size(), 4U) << "Linux queues one more than asked";
}

TEST_F(SocketBuilderTest, BlocksOnlyWhenAsked) {
  for (const bool blocking : {false, true}) {
    const auto socket = SocketBuilder(path_).blocking(blocking).listen();
    ASSERT_TRUE(socket);
    EXPECT_EQ((::fcntl(socket->native_handle(), F_GETFL) & O_NONBLOCK) == 0, blocking);
  }
}

TEST_F(SocketBuilderTest, KeepsThreeDescriptorsAllClosedOnExec) {
  const auto before = open_descriptors();
  {
    const auto socket = SocketBuilder(path_).permissions(0666).listen();
    ASSERT_TRUE(socket);
    auto after = open_descriptors();
    EXPECT_EQ(after.size(), before.size() + 3) << "the socket, its directory and its lock";
    for (const auto& [number, closed_on_exec] : after)
      EXPECT_TRUE(closed_on_exec || before.contains(number)) << number;
    EXPECT_FALSE(SocketBuilder(path_).listen());
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(SocketBuilderTest, UnlinksOnlyItsOwnInode) {
  auto socket = SocketBuilder(path_).listen();
  ASSERT_TRUE(socket);
  ASSERT_EQ(::rename(path_.c_str(), at("aside").c_str()), 0);
  write_file(path_, "somebody else's");
  socket->close();
  EXPECT_EQ(read_file(path_), "somebody else's");
  EXPECT_TRUE(exists(at("aside")));
}

TEST_F(SocketBuilderTest, UnlinksInTheDirectoryItBoundIn) {
  ASSERT_EQ(::mkdir(at("old").c_str(), 0700), 0);
  auto socket = SocketBuilder(at("old/s")).listen();
  ASSERT_TRUE(socket);
  ASSERT_EQ(::rename(at("old").c_str(), at("new").c_str()), 0);
  socket->close();
  EXPECT_FALSE(exists(at("new/s")));
}

TEST_F(SocketBuilderTest, LeavesTheSocketWhenAsked) {
  EXPECT_TRUE(SocketBuilder(path_).unlink_on_close(false).listen());
  EXPECT_TRUE(exists(path_));
}

TEST_F(SocketBuilderTest, MovingKeepsOneOwner) {
  auto first = SocketBuilder(path_).listen();
  auto second = SocketBuilder(at("t")).listen();
  ASSERT_TRUE(first && second);
  {
    uds::ListeningSocket moved = *std::move(first);
    first->close();
    EXPECT_TRUE(connect_to(path_));
    *second = std::move(moved);
  }
  EXPECT_FALSE(exists(at("t")));
  EXPECT_TRUE(connect_to(path_));
  EXPECT_EQ(second->path(), path_);
  second->close();
  EXPECT_FALSE(exists(path_));
}

}  // namespace
