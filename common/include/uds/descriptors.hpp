// The descriptors that ride with one request: at most four, each with one owner.
//
// A plain value without allocation, so that taking one over cannot fail. The library closes what
// nobody took.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "uds/fd.hpp"

namespace uds {

/// Up to kMost open descriptors and their one owner. Move-only.
class Descriptors {
 public:
  /// How many fit. More than a few belong on a socket of their own.
  static constexpr std::size_t kMost = 4;

  Descriptors() noexcept = default;
  ///@{
  /// Takes over those of `other`, which has none then; an assignment closes what was held before.
  Descriptors(Descriptors&& other) noexcept
      : numbers_(other.numbers_), size_(std::exchange(other.size_, 0)) {}
  Descriptors& operator=(Descriptors&& other) noexcept {
    std::swap(numbers_, other.numbers_);
    std::swap(size_, other.size_);
    other.clear();
    return *this;
  }
  ///@}
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;
  ~Descriptors() { clear(); }

  /// Takes over `descriptor`. False, and it is closed, when there are kMost already.
  bool add(Fd descriptor) noexcept {
    if (size_ == kMost) return false;
    numbers_[size_++] = descriptor.release();
    return true;
  }
  /// Gives the first one away; an empty Fd when none is left.
  Fd take() noexcept {
    if (size_ == 0) return {};
    Fd first(numbers_.front());
    std::shift_left(numbers_.begin(), numbers_.end(), 1);
    --size_;
    return first;
  }
  /// Closes all.
  void clear() noexcept {
    while (size_ > 0) Fd(numbers_[--size_]).reset();
  }

  /// How many there are.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Whether there is none.
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// The number of the descriptor at `index`, below size(); still owned by this object.
  [[nodiscard]] int operator[](std::size_t index) const noexcept { return numbers_[index]; }

 private:
  std::array<int, kMost> numbers_{};  // the first size_ are ours
  std::size_t size_ = 0;
};

}  // namespace uds
