// Body of figures.hpp.
#include "monitor/figures.hpp"

#include <array>
#include <cstdio>

namespace udsctl {
namespace {

/// `value` / `unit` with one digit behind the point, rounded down.
std::string tenths(std::uint64_t value, std::uint64_t unit) {
  return std::to_string(value / unit) + "." + std::to_string(value % unit / (unit / 10));
}

std::string two_digits(std::uint64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

std::string show_us(std::uint64_t us) {
  constexpr std::uint64_t kMs = 1'000;
  constexpr std::uint64_t kSecond = 1'000'000;
  if (us < kMs) return std::to_string(us) + " us";
  if (us < kSecond)
    return (us % kMs == 0 || us >= 100 * kMs ? std::to_string(us / kMs) : tenths(us, kMs)) + " ms";
  if (us < 100 * kSecond)
    return (us % kSecond == 0 ? std::to_string(us / kSecond) : tenths(us, kSecond)) + " s";
  return std::to_string(us / kSecond / 60) + " min";
}

std::string show_age(std::uint64_t ms) {
  const std::uint64_t seconds = ms / 1'000;
  const std::uint64_t minutes = seconds / 60;
  const std::uint64_t hours = minutes / 60;
  if (seconds < 10) return tenths(ms, 1'000) + "s";
  if (minutes == 0) return std::to_string(seconds) + "s";
  if (hours == 0) return std::to_string(minutes) + "m" + two_digits(seconds % 60) + "s";
  if (hours < 24) return std::to_string(hours) + "h" + two_digits(minutes % 60) + "m";
  return std::to_string(hours / 24) + "d" + two_digits(hours % 24) + "h";
}

std::string show_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1'024) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  double value = static_cast<double>(bytes) / 1'024;
  for (; value >= 1'024 && unit + 1 < kUnits.size(); ++unit) value /= 1'024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits.at(unit));
  return text.data();
}

std::string show_rate(double per_second) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), per_second < 100 ? "%.1f/s" : "%.0f/s", per_second);
  return text.data();
}

std::string show_quantile(const std::optional<Quantile>& quantile) {
  if (!quantile) return "-";
  return (quantile->above ? "more than " : "at most ") + show_us(quantile->us);
}

}  // namespace udsctl
