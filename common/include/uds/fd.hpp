// Fd: the one owner of a file descriptor. Closes it on destruction; never duplicates it.
#pragma once

#include <utility>

namespace uds {

/// One open file descriptor and its owner, or none. Move-only.
class Fd {
 public:
  Fd() noexcept = default;
  /// Takes ownership of `descriptor`; a negative number means "none".
  explicit Fd(int descriptor) noexcept : descriptor_(descriptor) {}
  ///@{
  /// Takes over what `other` owns; an assignment closes what was owned before.
  Fd(Fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.descriptor_, -1));
    return *this;
  }
  ///@}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  /// The number, still owned by this object; -1 when there is none.
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  /// Whether there is one.
  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  /// Gives the descriptor away; the caller closes it.
  [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }
  /// Closes what is owned and takes ownership of `descriptor`.
  void reset(int descriptor = -1) noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace uds
