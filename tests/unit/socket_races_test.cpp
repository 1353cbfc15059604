// SocketBuilder against other processes that act at the worst moment: strangers, swappers, a second
// server.
//
// The numbers are the point: each of these races was lost within a few hundred rounds by simpler
// code.
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "../support.hpp"
#include "socket_tools.hpp"
#include "uds/socket_builder.hpp"

namespace {

using uds::Errc;
using uds::SocketBuilder;
using namespace uds_test;

constexpr int kRounds = 10'000;
constexpr int kDoubleStarts = 300;

/// Counters that a child process shares with its parent.
struct Shared {
  std::atomic<bool> stop{false};
  std::atomic<long> refused{0};
  std::atomic<long> done{0};

  static Shared& make() {
    void* memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return *new (memory) Shared;
  }
  static void release(Shared& shared) { ::munmap(&shared, sizeof shared); }
};

class SocketRacesTest : public ::testing::Test {
 protected:
  ~SocketRacesTest() override { Shared::release(shared_); }

  // Whether the child got as far as this before a generous deadline.
  static bool wait_until_positive(const std::atomic<long>& counter) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (counter == 0 && std::chrono::steady_clock::now() < deadline) ::usleep(200);
    return counter > 0;
  }

  TempDir directory_;
  std::string path_ = directory_.path() + "/s";
  Shared& shared_ = Shared::make();
};

TEST_F(SocketRacesTest, NoStrangerEverConnects) {
  if (!should_run(::geteuid() == 0, "root")) GTEST_SKIP();
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  const pid_t stranger = start_child([&] {
    if (!become_nobody()) return 99;
    while (!shared_.stop) {
      if (connect_to(path_))
        ++shared_.done;
      else if (errno == EACCES)
        ++shared_.refused;
    }
    return 0;
  });
  {
    // A socket that the stranger cannot open, so that he is known to be at work before the rounds
    // begin. Made after the fork: a child would inherit the lock.
    const auto first = SocketBuilder(path_).listen();
    ASSERT_TRUE(first);
    ASSERT_TRUE(wait_until_positive(shared_.refused));
  }

  const mode_t before = ::umask(0);
  for (int round = 0; round < kRounds; ++round) {
    // A group and a mode that need chown and chmod after bind.
    const auto socket = SocketBuilder(path_).permissions(0660).group("1").listen();
    if (!socket) ADD_FAILURE() << socket.error().message();
  }
  ::umask(before);
  shared_.stop = true;
  EXPECT_EQ(wait_for(stranger), 0);
  EXPECT_EQ(shared_.done, 0) << "connections of uid 65534";
  EXPECT_GT(shared_.refused, 0);
}

// Exchanges the socket and a link to a file of the victim as fast as it can.
int swap_until_stopped(Shared& shared, const std::string& path, const std::string& link,
                       const std::string& victim) {
  while (!shared.stop) {
    if (::syscall(SYS_renameat2, AT_FDCWD, link.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) ==
        0) {
      ++shared.done;
    } else if (!S_ISLNK(status_of(link).st_mode)) {
      ::unlink(link.c_str());
      if (::symlink(victim.c_str(), link.c_str()) != 0 && errno != EEXIST) return 1;
    }
  }
  return 0;
}

TEST_F(SocketRacesTest, ASwapperNeverReachesItsVictim) {
  const std::string victim = directory_.path() + "/victim";
  write_file(victim, "precious");
  ASSERT_EQ(::chmod(victim.c_str(), 0600), 0);
  const struct stat before = status_of(victim);
  const bool root = ::geteuid() == 0;
  const pid_t swapper = start_child(
      [&] { return swap_until_stopped(shared_, path_, directory_.path() + "/link", victim); });

  SocketBuilder builder(path_);
  builder.permissions(0666);
  if (root) builder.group("1");
  long made = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (int round = 0; (round < kRounds || shared_.done < kRounds || made == 0) &&
                      std::chrono::steady_clock::now() < deadline;
       ++round) {
    const auto socket = builder.listen();
    if (socket)
      ++made;
    else
      EXPECT_FALSE(socket.error().message().empty());
  }
  shared_.stop = true;
  EXPECT_EQ(wait_for(swapper), 0);
  EXPECT_GE(shared_.done, kRounds);
  EXPECT_GT(made, 0);
  const struct stat after = status_of(victim);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(before.st_mode, after.st_mode);
  EXPECT_EQ(before.st_uid, after.st_uid);
  EXPECT_EQ(before.st_gid, after.st_gid);
  EXPECT_EQ(read_file(victim), "precious");
}

/// A server in its own process that starts when told and then stays until it is killed.
struct Contender {
  pid_t pid = -1;
  Pipe verdict;

  void start(const std::string& path, Pipe& gun) {
    pid = start_child([&] {
      gun.writer.reset();
      char byte = 0;
      if (::read(gun.reader.get(), &byte, 1) != 0) return 1;
      const auto socket = SocketBuilder(path).listen();
      const char result = socket ? 'o' : socket.error().is(Errc::InUse) ? 'u' : 'e';
      if (::write(verdict.writer.get(), &result, 1) != 1) return 1;
      if (socket) ::pause();
      return 0;
    });
    verdict.writer.reset();
  }
  char result() {
    char byte = '?';
    return ::read(verdict.reader.get(), &byte, 1) == 1 ? byte : '?';
  }
};

TEST_F(SocketRacesTest, OfTwoServersThatStartAtOnceOneServes) {
  for (int round = 0; round < kDoubleStarts; ++round) {
    Pipe gun;
    Contender one;
    Contender two;
    one.start(path_, gun);
    two.start(path_, gun);
    gun.writer.reset();  // both begin now
    const std::string results{one.result(), two.result()};
    EXPECT_TRUE(results == "ou" || results == "uo") << "round " << round << ": " << results;

    const uds::Fd client = connect_to(path_);
    ucred served_by{};
    socklen_t size = sizeof served_by;
    EXPECT_EQ(::getsockopt(client.get(), SOL_SOCKET, SO_PEERCRED, &served_by, &size), 0);
    EXPECT_EQ(served_by.pid, results == "ou" ? one.pid : two.pid) << "round " << round;

    // A dead socket stays behind, which the next round must remove: a killed server never blocks
    // the path.
    for (const Contender* contender : {&one, &two}) {
      ::kill(contender->pid, SIGKILL);
      wait_for(contender->pid);
    }
    EXPECT_TRUE(exists(path_));
    if (HasFailure()) break;
  }
  EXPECT_TRUE(SocketBuilder(path_).listen());
}

// Runs itself under strace(1) and reads the order of the calls.
TEST_F(SocketRacesTest, ListensOnlyAfterTheLastChangeOfAccess) {
  const char* traced_path = ::getenv("UDS_TEST_TRACED_SOCKET");
  if (traced_path != nullptr) {
    SocketBuilder builder(traced_path);
    builder.permissions(0666);
    if (::geteuid() == 0) builder.group("1");
    ASSERT_TRUE(builder.listen());
    return;
  }
  const auto strace = [](const std::string& arguments) {
    return std::system(("strace " + arguments + " >/dev/null 2>&1").c_str()) == 0;
  };
  if (!should_run(strace("-o /dev/null true"), "strace and the right to trace")) GTEST_SKIP();

  const std::string trace = directory_.path() + "/trace";
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  // The leak checker is a tracer itself and cannot run under another one.
  ASSERT_TRUE(strace("-f -o " + trace + " -e 'trace=/^(bind|listen|.*chmod.*|.*chown.*)$'" +
                     " env ASAN_OPTIONS=detect_leaks=0 UDS_TEST_TRACED_SOCKET=" + path_ + " " +
                     self +
                     " --gtest_filter=SocketRacesTest.ListensOnlyAfterTheLastChangeOfAccess"))
      << read_file(trace);

  std::vector<std::string> calls;
  std::set<std::string> narrowed;  // descriptors whose mode was set
  std::istringstream lines(read_file(trace));
  bool bound = false;
  for (std::string line; std::getline(lines, line);) {
    for (const char* call : {"bind", "listen", "chmod", "chown"}) {
      const std::string name = line.substr(0, line.find('('));
      if (line.find('(') == std::string::npos || name.find(call) == std::string::npos) continue;
      const std::string descriptor = line.substr(name.size() + 1, line.find(',') - name.size() - 1);
      if (std::string(call) == "chmod") narrowed.insert(descriptor);
      if (std::string(call) == "bind") {
        bound = line.find(path_) != std::string::npos;
        EXPECT_TRUE(!bound || narrowed.contains(descriptor)) << "bound before its mode was set";
      }
      if (bound) calls.push_back(call);
    }
  }
  const std::vector<std::string> expected =
      ::geteuid() == 0 ? std::vector<std::string>{"bind", "chown", "chmod", "listen"}
                       : std::vector<std::string>{"bind", "chmod", "listen"};
  EXPECT_EQ(calls, expected) << read_file(trace);
}

}  // namespace
