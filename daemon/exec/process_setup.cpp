// Bodies of process_setup.hpp.
#include "exec/process_setup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "exec/shim.hpp"

namespace udsd {
namespace {

bool is_same_open(int left, int right) {
  struct stat first{};
  struct stat second{};
  return ::fstat(left, &first) == 0 && ::fstat(right, &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

}  // namespace

void reset_dispositions() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

uds::Result<uds::Fd, std::string> take_channel() {
  // Above what is put into the place of 0, 1 and 2.
  uds::Fd channel(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!channel)
    return uds::Error::from_errno("descriptor 0 is to be the channel of udsd", errno).message();
  const bool errors_go_there = is_same_open(STDERR_FILENO, channel.get());
  const bool no_errors = ::fcntl(STDERR_FILENO, F_GETFD) < 0;
  uds::Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  // It may have got one of the numbers that it is to be copied to.
  nothing.reset(::fcntl(nothing.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!nothing || ::dup2(nothing.get(), STDIN_FILENO) < 0 ||
      ::dup2(nothing.get(), STDOUT_FILENO) < 0 ||
      ((errors_go_there || no_errors) && ::dup2(nothing.get(), STDERR_FILENO) < 0))
    return uds::Error::from_errno("cannot use /dev/null", errno).message();
  return channel;
}

uds::Result<void, int> become_reaper(const char* name) {
  static_cast<void>(::prctl(PR_SET_NAME, name, 0, 0, 0));
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return errno;
  return {};
}

void block_supervisor_signals() {
  for (const int number : {SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGUSR1, SIGUSR2})
    ::signal(number, SIG_IGN);
  const sigset_t signals = supervisor_signals();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

SharedState* make_shared_state() {
  void* memory = ::mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) SharedState;
}

}  // namespace udsd
