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

class Descriptors {
 public:
  /// How many fit. More than a few belong on a socket of their own.
  static constexpr std::size_t kMost = 4;

  Descriptors() noexcept = default;
  Descriptors(Descriptors&& other) noexcept
      : items_(std::move(other.items_)), size_(std::exchange(other.size_, 0)) {}
  Descriptors& operator=(Descriptors&& other) noexcept {
    items_ = std::move(other.items_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;
  ~Descriptors() = default;

  /// Takes over `descriptor`. False, and it is closed, when there are kMost already.
  bool add(Fd descriptor) noexcept {
    if (size_ == kMost) return false;
    items_.at(size_++) = std::move(descriptor);
    return true;
  }
  /// Gives the first one away; an empty Fd when none is left.
  Fd take() noexcept {
    if (size_ == 0) return {};
    Fd first = std::move(items_.front());
    std::move(items_.begin() + 1, items_.end(), items_.begin());
    --size_;
    return first;
  }
  /// Closes all.
  void clear() noexcept {
    for (Fd& item : items_) item.reset();
    size_ = 0;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// The number of the descriptor at `index`, below size(); still owned by this object.
  [[nodiscard]] int operator[](std::size_t index) const noexcept { return items_[index].get(); }

 private:
  std::array<Fd, kMost> items_;
  std::size_t size_ = 0;
};

}  // namespace uds
