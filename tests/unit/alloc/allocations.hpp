// Allocations of one thread that are counted, and one of them made to fail.
//
// allocations.cpp replaces operator new and aligned_alloc(3) (which Asio uses for coroutine frames)
// for the whole program, so such tests are a program of their own. Only a thread with a Plan is
// concerned.
#pragma once

#include <array>

namespace uds_test {

/// Which allocation fails, counted from 1; 0 is none. Belongs to the test, and outlives its use.
struct AllocationPlan {
  long number = 0;
  /// All that follow it fail too.
  bool for_good = false;
  long seen = 0;
  /// The one that was to fail is in the destructor of json: there no program survives.
  bool spared = false;
  std::array<void*, 48> stack{};  // where it was
  int depth = 0;

  bool fails_now();
  /// Writes where it was to standard error; resolve the addresses with addr2line(1).
  void show() const;
};

/// The plan in force for this thread, or null.
extern thread_local AllocationPlan* allocation_plan;

/// For std::set_terminate(): shows the plan in force first.
[[noreturn]] void show_plan_and_abort();

}  // namespace uds_test
