// Body of load_report.hpp.
#include "load_report.hpp"

#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

namespace uds_load {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t sum(const Tally::Counts& counts) {
  return std::accumulate(
      counts.begin(), counts.end(), std::uint64_t{0},
      [](std::uint64_t total, const auto& entry) { return total + entry.second; });
}

Json latency(Tally& tally) {
  Json out;
  out["p50"] = tally.latency_us(0.5);
  out["p99"] = tally.latency_us(0.99);
  out["p99.9"] = tally.latency_us(0.999);
  out["max"] = tally.latency_us(1);
  return out;
}

Json lost(const Tally& tally) {
  Json out = Json::object();
  for (const auto& [reason, lost] : tally.lost)
    out[reason] = {{"unread", lost.unread}, {"read", lost.read}, {"started", lost.started}};
  return out;
}

Json report(Tally& tally, std::chrono::duration<double> took) {
  Json out;
  out["seconds"] = took.count();
  out["requests"] = tally.requests;
  out["ok"] = tally.ok;
  out["error"] = sum(tally.errors);
  out["codes"] = tally.errors;
  out["processing"] = tally.processing;
  out["unattributed"] = tally.unattributed;
  out["latency_us"] = latency(tally);
  out["open"] = tally.open;
  out["closed"] = tally.closed;
  out["lost"] = lost(tally);
  out["cut"] = tally.cut;
  out["violation_count"] = tally.violations();
  out["violations"] = tally.told();
  return out;
}

}  // namespace

std::string json_report(Tally& tally, std::chrono::duration<double> took) {
  return report(tally, took).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text_report(Tally& tally, std::chrono::duration<double> took) {
  const Json whole = report(tally, took);
  std::ostringstream out;
  for (const auto& [key, value] : whole.items())
    if (key != "violations") out << key << ": " << value << "\n";
  return out.str();
}

}  // namespace uds_load
