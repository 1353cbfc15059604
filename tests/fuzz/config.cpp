// Fuzzes the reader of udsd.toml: it gives settings within their bounds, or errors that each fit on
// one line and say where.
#include "config.hpp"

#include <cctype>
#include <cstdint>

#include "fuzz.hpp"

namespace {

using uds_fuzz::check;

const std::string kPath = "fuzz.toml";

template <class Number>
void check_within(Number value, std::uint64_t least, std::uint64_t most) {
  const auto number = static_cast<std::uint64_t>(value);
  check(number >= least && number <= most, "a setting is within its bounds");
}

void check_settings(const udsd::Settings& settings) {
  constexpr std::uint64_t kDayMs = 86'400'000;
  const uds::Limits& limits = settings.limits;
  check_within(limits.message_bytes, 1024, std::uint64_t{1} << 30U);
  check_within(limits.json_depth, 4, 512);
  check_within(limits.json_values, 16, 100'000'000);
  check_within(limits.connections, 1, 1'000'000);
  check_within(limits.connections_per_uid, 1, 1'000'000);
  check_within(limits.requests_in_flight, 1, 100'000);
  check_within(limits.queued_bytes, 1024, std::uint64_t{1} << 30U);
  check_within(limits.frames_per_turn, 1, 100'000);
  check_within(limits.partial_message.count(), 1, kDayMs);
  check_within(limits.stalled_reader.count(), 1, kDayMs);
  check_within(limits.drain.count(), 1, kDayMs);
  check_within(settings.socket.mode, 0, 0777);
  check_within(settings.socket.backlog, 1, INT32_MAX);
  check(settings.socket.path.starts_with('/') && settings.socket.path.size() <= 107 &&
            settings.socket.path.find('\0') == std::string::npos,
        "the path of the socket can be bound");
}

std::size_t skip_number(const std::string& text, std::size_t at) {
  const std::size_t begin = at;
  while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) ++at;
  check(at > begin && at < text.size() && text[at] == ':', "an error names line and column");
  return at + 1;
}

void check_error(const std::string& error) {
  check(error.starts_with(kPath + ":"), "an error begins with the file");
  const std::size_t sentence = skip_number(error, skip_number(error, kPath.size() + 1));
  check(error.size() > sentence + 4, "an error has a sentence");
  for (const char c : error)
    check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "an error is one printable line");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = uds_fuzz::text_of(data, size);
  const auto settings = udsd::parse_config(text, kPath, {});
  if (settings) {
    check_settings(*settings);
    return 0;
  }
  check(!settings.error().empty(), "a refusal has a reason");
  for (const std::string& error : settings.error()) check_error(error);
  const auto again = udsd::parse_config(text, kPath, {});
  check(!again && again.error() == settings.error(), "the same file gives the same errors");
  return 0;
}
