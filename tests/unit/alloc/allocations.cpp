// Bodies of allocations.hpp, and what replaces the program's allocation functions.
#include "unit/alloc/allocations.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <span>
#include <string_view>
#include <utility>

namespace uds_test {

thread_local AllocationPlan* allocation_plan = nullptr;

namespace {

/// nlohmann/json allocates in its destructor, which is noexcept: where that fails the process ends,
/// whatever its user does. Needs the program's symbols (ENABLE_EXPORTS).
bool destroys_json(std::span<void* const> stack) {
  return std::ranges::any_of(stack, [](void* address) {
    Dl_info info{};
    if (::dladdr(address, &info) == 0 || info.dli_sname == nullptr) return false;
    const std::string_view name = info.dli_sname;
    if (!name.starts_with("_ZN8nlohmann") || name.find("10basic_json") == name.npos) return false;
    return name.find("10json_value7destroy") != name.npos || name.ends_with("D1Ev") ||
           name.ends_with("D2Ev");
  });
}

bool fails_now() {
  AllocationPlan* const own = std::exchange(allocation_plan, nullptr);  // asking must not count
  const bool fails = own != nullptr && own->fails_now();
  allocation_plan = own;
  return fails;
}

void* allocate(std::size_t size) {
  if (fails_now()) throw std::bad_alloc();
  void* const out = std::malloc(size > 0 ? size : 1);
  if (out == nullptr) throw std::bad_alloc();
  return out;
}

void* allocate(std::size_t size, std::align_val_t alignment) {
  void* out = nullptr;
  if (fails_now() || ::posix_memalign(&out, static_cast<std::size_t>(alignment), size) != 0)
    throw std::bad_alloc();
  return out;
}

}  // namespace

bool AllocationPlan::fails_now() {
  if (++seen < number || number == 0) return false;
  if (seen > number) return for_good;
  depth = ::backtrace(stack.data(), static_cast<int>(stack.size()));
  spared = destroys_json({stack.data(), static_cast<std::size_t>(depth)});
  return !spared;
}

void AllocationPlan::show() const {
  std::fprintf(stderr, "allocation %ld of %ld failed at:\n", number, seen);
  std::fflush(stderr);
  ::backtrace_symbols_fd(stack.data(), depth, STDERR_FILENO);
}

void show_plan_and_abort() {
  if (allocation_plan != nullptr) std::exchange(allocation_plan, nullptr)->show();
  std::abort();
}

}  // namespace uds_test

using uds_test::allocate;
using uds_test::fails_now;

// What a program may replace, and glibc's function: the names are not ours.
// NOLINTBEGIN
void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return fails_now() ? nullptr : std::malloc(size > 0 ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return fails_now() ? nullptr : std::malloc(size > 0 ? size : 1);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete[](void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  void* out = nullptr;
  if (fails_now() || ::posix_memalign(&out, alignment, size) != 0) return nullptr;
  return out;
}
// NOLINTEND
