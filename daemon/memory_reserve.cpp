// Body of memory_reserve.hpp.
#include "memory_reserve.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace udsd {

namespace {

/// Not touched, so it costs address space only. Room for what is in flight to unwind, as long as
/// nothing new begins.
constexpr std::size_t kReserveBytes = std::size_t{2} << 20;

std::atomic<void*> reserve{nullptr};

void give_up_reserve() {
  void* const block = reserve.exchange(nullptr);
  if (block == nullptr) throw std::bad_alloc();
  std::free(block);
}

}  // namespace

void install_memory_reserve() {
  reserve = std::malloc(kReserveBytes);
  std::set_new_handler(give_up_reserve);
}

[[gnu::hot]] bool low_on_memory() noexcept {
  if (reserve.load() == nullptr) reserve = std::malloc(kReserveBytes);
  return reserve.load() == nullptr;
}

}  // namespace udsd
