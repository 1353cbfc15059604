// Takes the place of two functions of the C library: clock_gettime(), which steady_clock calls, and
// timerfd_create(), without which Asio asks steady_clock each time it polls instead of leaving its
// timers to the kernel, whose clock goes on by itself.
#include "virtual_clock.hpp"

#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace {

std::chrono::nanoseconds now = std::chrono::hours(1);

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_MONOTONIC) return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now);
  time->tv_sec = seconds.count();
  time->tv_nsec = (now - seconds).count();
  return 0;
}

extern "C" int timerfd_create(int, int) noexcept {
  errno = ENOSYS;
  return -1;
}

void uds_fuzz::pass_time(std::chrono::milliseconds span) {
  now += span;
}
