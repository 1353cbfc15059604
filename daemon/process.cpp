// Every failure here is survivable, so nothing is reported: udsd then runs with what it was given.
#include "process.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace udsd {

void fill_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // open(2) takes the lowest free number, which is this one.
    [[maybe_unused]] const int opened = ::open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY);
  }
}

void ignore_sigpipe() {
  std::signal(SIGPIPE, SIG_IGN);
}

void leave_children() {
  std::signal(SIGCHLD, SIG_IGN);
}

void keep_freed_memory() {
#ifdef M_TRIM_THRESHOLD
  for (const char* own : {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"})
    if (std::getenv(own) != nullptr) return;
  // More than one buffer for a message of the usual limit takes, and several of them.
  constexpr int kLargestOnHeap = 4 << 20;
  constexpr int kKept = 8 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kLargestOnHeap);
  ::mallopt(M_TRIM_THRESHOLD, kKept);
#endif
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return before;
  return limit.rlim_cur;
}

}  // namespace udsd
