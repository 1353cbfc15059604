// Body of uds/similar.hpp.
#include "uds/similar.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace uds {
namespace {

/// Levenshtein distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string_view> similar_names(std::string_view name,
                                            const std::vector<std::string_view>& candidates,
                                            std::size_t most) {
  const std::size_t tolerance = std::max<std::size_t>(2, name.size() / 3);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const std::string_view candidate : candidates)
    if (const std::size_t distance = edit_distance(name, candidate); distance <= tolerance)
      near.emplace_back(distance, candidate);
  std::ranges::sort(near);
  near.resize(std::min(near.size(), most));
  std::vector<std::string_view> out;
  out.reserve(near.size());
  for (const auto& [distance, candidate] : near) out.push_back(candidate);
  return out;
}

}  // namespace uds
