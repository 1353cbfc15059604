// Statistics as OpenMetrics text (version 1.0.0), for scrapers. Pure.
#pragma once

#include <string>

#include "uds/statistics.hpp"

namespace udsd {

/// `statistics` may be null: then only the gauges are written.
std::string openmetrics(const uds::Usage& usage, const uds::Statistics* statistics);

}  // namespace udsd
