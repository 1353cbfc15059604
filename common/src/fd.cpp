// Fd::reset: the one place where the library closes a descriptor it owns.
//
// An error of close(2) is not reported: Linux has freed the number already, and nothing the library
// closes has unwritten data of its own. errno is kept, so that a clean-up never hides the reason of
// a failure.
#include "uds/fd.hpp"

#include <unistd.h>

#include <cerrno>

namespace uds {

void Fd::reset(int descriptor) noexcept {
  const int old = std::exchange(descriptor_, descriptor);
  if (old < 0) return;
  const int saved = errno;
  ::close(old);
  errno = saved;
}

}  // namespace uds
