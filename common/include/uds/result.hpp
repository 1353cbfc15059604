// Result<T>: a value or the reason there is none. libstdc++ 12 has no std::expected in C++20.
//
// Expected failures travel as Result; exceptions are left for bugs. Reading the side that is not
// there is a bug and throws std::bad_variant_access.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "uds/error.hpp"

namespace uds {

/// A value, or the reason there is none. Reading the side that is not there throws
/// std::bad_variant_access.
template <class T, class E = Error>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, E>, "value and error must be different types");

 public:
  /// Success.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  ///@{
  /// Failure.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Errc code)
    requires std::is_same_v<E, Error>
      : state_(std::in_place_index<1>, Error(code)) {}
  ///@}

  ///@{
  /// Whether it is a success.
  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  ///@}

  ///@{
  /// The value of a success.
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  ///@}

  ///@{
  /// The reason of a failure.
  [[nodiscard]] const E& error() const& { return std::get<1>(state_); }
  [[nodiscard]] E&& error() && { return std::get<1>(std::move(state_)); }
  ///@}

 private:
  std::variant<T, E> state_;
};

/// Success without a value, or the reason of the failure.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  /// Success.
  Result() = default;
  ///@{
  /// Failure.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Errc code)
    requires std::is_same_v<E, Error>
      : state_(std::in_place_index<1>, Error(code)) {}
  ///@}

  ///@{
  /// Whether it is a success.
  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  ///@}
  ///@{
  /// The reason of a failure.
  [[nodiscard]] const E& error() const& { return std::get<1>(state_); }
  [[nodiscard]] E&& error() && { return std::get<1>(std::move(state_)); }
  ///@}

 private:
  std::variant<std::monostate, E> state_;
};

}  // namespace uds
