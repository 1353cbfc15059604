// The counters of a daemon laid out for a person. Pure; every foreign name is made visible.
#pragma once

#include "monitor/sample.hpp"

#include <string>
#include <vector>

namespace udsctl {

/// Lines of what `now` tells: for administrators counters and gauges, for others gauges. With
/// `before`, an earlier sample or null, rates per second stand beside the counters.
std::vector<std::string> stats_table(const Sample& now, const Sample* before);

/// The lines as one text that a terminal shows in place of the last one, from its first row on;
/// what does not fit into `rows` rows of `columns` columns is cut off.
std::string redraw(const std::vector<std::string>& lines, std::size_t rows, std::size_t columns);

}  // namespace udsctl
