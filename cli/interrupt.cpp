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
#include <charconv>
#include <csignal>
#include <cstddef>
#include <string_view>

namespace udsctl {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM};

volatile std::sig_atomic_t seen = 0;
volatile std::sig_atomic_t write_descriptor = -1;

std::atomic<const LastWords*> last_words = nullptr;
static_assert(std::atomic<const LastWords*>::is_always_lock_free &&
              std::atomic<std::uint64_t>::is_always_lock_free);

void write_in_handler(std::string_view text) {
  // There is nobody to tell of a failure.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

void say_last_words() {
  const LastWords* const words = last_words.load();
  if (words == nullptr) return;
  std::array<char, 20> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), words->number.load());
  write_in_handler(words->before);
  write_in_handler({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
  write_in_handler(words->behind);
}

void end_now(int signal) {
  ::_exit(128 + signal);
}

void on_signal(int) {
  if (seen != 0) {
    say_last_words();
    ::_exit(static_cast<int>(Exit::Interrupted));
  }
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
  for (const int number : kSignals) handle(number, on_signal);
}

void Interrupt::handle(int signal, void (*handler)(int)) {
  struct sigaction old{};
  ::sigaction(signal, nullptr, &old);
  if (old.sa_handler == SIG_IGN) return;
  struct sigaction action{};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
  caught_.push_back(signal);
}

void Interrupt::end_at_termination() {
  for (const int number : {SIGTERM, SIGHUP}) handle(number, end_now);
}

void Interrupt::set_last_words(const LastWords* words) noexcept {
  last_words = words;
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
