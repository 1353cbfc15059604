// Both kinds of unit are a table of name and factor, largest first; one parser and one formatter
// serve both.
#include "uds/units.hpp"

#include <charconv>
#include <span>
#include <system_error>

namespace uds {
namespace {

// Every integer up to here is exact in JSON numbers too (protocol: ids and limits of `hello`).
constexpr std::uint64_t kLargest = std::uint64_t{1} << 53;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr Unit kTimeUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr Unit kSizeUnits[] = {{"GiB", std::uint64_t{1} << 30},
                               {"MiB", std::uint64_t{1} << 20},
                               {"KiB", std::uint64_t{1} << 10},
                               {"B", 1}};

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  for (const Unit& unit : units) {
    if (text != unit.name) continue;
    if (number > kLargest / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

std::string format(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units)
    if (value >= unit.factor && value % unit.factor == 0)
      return std::to_string(value / unit.factor).append(unit.name);
  return std::to_string(value).append(units.back().name);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto count = parse(text, kTimeUnits);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(*count);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, kSizeUnits);
}

std::string format_duration(std::chrono::milliseconds value) {
  return format(static_cast<std::uint64_t>(value.count()), kTimeUnits);
}

std::string format_size(std::uint64_t value) {
  return format(value, kSizeUnits);
}

}  // namespace uds
