// Names that somebody may have meant who wrote another one. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace uds {

/// Those of `candidates` that differ from `name` in few letters (Levenshtein: a third of them, or
/// two), the nearest first, at most `most`. Takes time in the product of the lengths: bound `name`
/// where it is foreign.
std::vector<std::string_view> similar_names(std::string_view name,
                                            const std::vector<std::string_view>& candidates,
                                            std::size_t most);

}  // namespace uds
