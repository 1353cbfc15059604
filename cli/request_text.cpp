// Body of request_text.hpp.
#include "request_text.hpp"

#include "uds/json.hpp"

namespace udsctl {
namespace {

using uds::Errc;
using uds::Error;

constexpr std::string_view kRemedy =
    "; write one JSON object, such as '{\"cmd\":\"ping\"}' or '<\"cmd\":\"ping\">'";

Error no_request(const std::string& why) {
  return {Errc::NotARequest, "this is no request: " + why + std::string(kRemedy)};
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

uds::Result<RequestText> read_request(std::string_view text, std::optional<std::int64_t> own_id,
                                      std::optional<std::chrono::milliseconds> timeout) {
  std::string line(trim(text));
  if (line.empty()) return no_request("it is empty");
  if (line.size() >= 2 && line.front() == '<' && line.back() == '>') {
    line.front() = '{';
    line.back() = '}';
  }
  const auto parsed = uds::parse_json(line);
  if (!parsed)
    return no_request(parsed.error().reason + " at byte " + std::to_string(parsed.error().offset));
  if (!parsed->is_object()) return no_request("it is JSON, but no object");

  // A line break within valid JSON stands between its parts, never in a string.
  for (char& byte : line)
    if (byte == '\n' || byte == '\r') byte = ' ';

  std::string added;
  uds::RequestId id;
  if (const auto field = parsed->find("id"); field != parsed->end()) {
    id = uds::RequestId::from_json(*field).value_or(uds::RequestId());
  } else if (own_id) {
    id = uds::RequestId(*own_id);
    added = "\"id\":" + std::to_string(*own_id);
  }
  if (timeout && !parsed->contains("timeout_ms")) {
    if (!added.empty()) added += ',';
    added += "\"timeout_ms\":" + std::to_string(timeout->count());
  }
  if (!added.empty() && !parsed->empty()) added += ',';
  line.insert(1, added);
  return RequestText(std::move(line), std::move(id));
}

}  // namespace udsctl
