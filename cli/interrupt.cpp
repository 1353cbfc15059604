// A handler and a pipe. The handler does only what signal-safety(7) allows.
//
// A handler, not a signalfd: the second signal must end a process that hangs in a write to a pipe
// nobody reads.
#include "interrupt.hpp"

#include "exit_code.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace udsctl {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

volatile std::sig_atomic_t seen = 0;
volatile std::sig_atomic_t write_descriptor = -1;

void on_signal(int) {
  if (seen != 0) ::_exit(static_cast<int>(Exit::Interrupted));
  seen = 1;
  const int saved = errno;
  // A failure leaves the second signal to end the process.
  [[maybe_unused]] const ssize_t written = ::write(write_descriptor, "", 1);
  errno = saved;
}

bool open_pipe(uds::Fd& read_end, uds::Fd& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
  return true;
}

}  // namespace

Interrupt::Interrupt() {
  if (!open_pipe(read_end_, write_end_)) return;
  seen = 0;
  write_descriptor = write_end_.get();
  for (const int number : kSignals) {
    struct sigaction old{};
    ::sigaction(number, nullptr, &old);
    if (old.sa_handler == SIG_IGN) continue;
    struct sigaction action{};
    action.sa_handler = on_signal;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
    caught_.push_back(number);
  }
}

Interrupt::~Interrupt() {
  for (const int number : caught_) std::signal(number, SIG_DFL);
}

void Interrupt::acknowledge() noexcept {
  char byte = 0;
  while (::read(read_end_.get(), &byte, 1) > 0) {
  }
}

}  // namespace udsctl
