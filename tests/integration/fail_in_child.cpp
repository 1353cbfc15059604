// A library to preload into udsd-exec: makes one call of the command's process fail, before it
// becomes the command. UDS_FAIL_IN_CHILD=NAME:N says which: the Nth call of NAME since the fork,
// with EIO. Its guardian and its shim, which make the same calls, are left alone.
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace {

// The guardian forks the shim, which forks the child.
constexpr int kForksToChild = 2;

int forks = 0;
char name[32] = "";
int left = 0;

template <class Function>
Function* next(const char* symbol) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, symbol));
}

// Found before any fork: the child may do little.
auto* const next_syscall = next<long(long, long, long, long, long, long, long)>("syscall");
auto* const next_sigprocmask = next<decltype(sigprocmask)>("sigprocmask");
auto* const next_write = next<decltype(write)>("write");
auto* const next_dup2 = next<decltype(dup2)>("dup2");
auto* const next_prctl =
    next<int(int, unsigned long, unsigned long, unsigned long, unsigned long)>("prctl");

[[gnu::constructor]] void begin() {
  ::pthread_atfork(nullptr, nullptr, [] { ++forks; });
  const char* wish = std::getenv("UDS_FAIL_IN_CHILD");
  const char* colon = wish != nullptr ? std::strchr(wish, ':') : nullptr;
  if (colon == nullptr || static_cast<std::size_t>(colon - wish) >= sizeof name) std::abort();
  std::memcpy(name, wish, static_cast<std::size_t>(colon - wish));
  left = std::atoi(colon + 1);
}

bool is_to_fail(const char* call) {
  if (forks != kForksToChild || std::strcmp(call, name) != 0 || --left != 0) return false;
  errno = EIO;
  return true;
}

}  // namespace

extern "C" {

long syscall(long number, ...) noexcept {
  va_list rest;
  va_start(rest, number);
  long values[6];
  for (long& value : values) value = va_arg(rest, long);
  va_end(rest);
  if (is_to_fail("syscall")) return -1;
  return next_syscall(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

int sigprocmask(int how, const sigset_t* now, sigset_t* before) noexcept {
  return is_to_fail("sigprocmask") ? -1 : next_sigprocmask(how, now, before);
}

ssize_t write(int file, const void* data, std::size_t size) {
  return is_to_fail("write") ? -1 : next_write(file, data, size);
}

int dup2(int from, int to) noexcept {
  return is_to_fail("dup2") ? -1 : next_dup2(from, to);
}

int prctl(int option, ...) noexcept {
  va_list rest;
  va_start(rest, option);
  unsigned long values[4];
  for (unsigned long& value : values) value = va_arg(rest, unsigned long);
  va_end(rest);
  return is_to_fail("prctl") ? -1 : next_prctl(option, values[0], values[1], values[2], values[3]);
}

}  // extern "C"
