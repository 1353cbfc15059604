// Writes what a run came to: one line of JSON for programs, or a few lines for people.
#pragma once

#include <chrono>
#include <string>

#include "load_tally.hpp"

namespace uds_load {

std::string json_report(Tally& tally, std::chrono::duration<double> took);
std::string text_report(Tally& tally, std::chrono::duration<double> took);

}  // namespace uds_load
