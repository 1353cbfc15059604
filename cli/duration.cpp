// Body of duration.hpp.
#include "duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

namespace udsctl {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kUnits{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || count <= 0) return std::nullopt;
  for (const auto& [name, factor] : kUnits)
    if (std::string_view(unit, static_cast<std::size_t>(end - unit)) == name &&
        count <= kMost / factor)
      return std::chrono::milliseconds(count * factor);
  return std::nullopt;
}

}  // namespace udsctl
