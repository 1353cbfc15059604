// Bodies of option_values.hpp.
#include "option_values.hpp"

#include "visible_text.hpp"

#include "uds/accounts.hpp"
#include "uds/units.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace udsctl {
namespace {

/// What `timeout_ms` of the protocol can hold.
constexpr std::chrono::milliseconds kLongestTimeout{std::numeric_limits<std::int32_t>::max()};
/// What a run may be ended with first (docs/protocol.md, `run.cancel`).
constexpr std::array<std::string_view, 7> kSignalNames{"TERM", "INT",  "HUP", "QUIT",
                                                       "USR1", "USR2", "KILL"};

std::string wrong(std::string_view name, const std::string& text, const std::string& why) {
  return std::string(name) + " " + visible(text) + why;
}

std::string no_duration(std::string_view name, const std::string& text) {
  return wrong(name, text,
               " is no duration; write a number and a unit, such as 500ms, 5s, 2m or 1h");
}

/// Whether `text` is more than parse_duration() can count, but otherwise a duration.
bool is_beyond_counting(const std::string& text) {
  const std::size_t unit = text.find_first_not_of("0123456789");
  return unit != 0 && unit != std::string::npos && !uds::parse_duration(text) &&
         uds::parse_duration("1" + text.substr(unit)).has_value();
}

}  // namespace

std::string read_duration(std::optional<std::chrono::milliseconds>& out, std::string_view name,
                          const std::string& text) {
  out = uds::parse_duration(text);
  if (is_beyond_counting(text) || (out && *out > kLongestTimeout))
    return wrong(name, text,
                 " is too long; write at most " +
                     uds::format_duration(std::chrono::floor<std::chrono::days>(kLongestTimeout)));
  if (!out) return no_duration(name, text);
  if (out->count() == 0) return wrong(name, text, " is no time at all; write at least 1ms");
  return {};
}

std::string read_past(std::optional<std::chrono::milliseconds>& out, std::string_view name,
                      const std::string& text) {
  out = is_beyond_counting(text) ? std::chrono::milliseconds::max() : uds::parse_duration(text);
  return out ? std::string() : no_duration(name, text);
}

std::string read_text(std::string& out, std::string_view name, const std::string& text) {
  out = text;
  return text.empty() ? std::string(name) + " needs a value; see udsctl --help" : std::string();
}

std::string read_user_text(std::string& out, std::string_view name, const std::string& text) {
  if (std::string problem = read_text(out, name, text); !problem.empty()) return problem;
  const auto uid = read_user(name, text);
  return uid ? std::string() : uid.error();
}

std::string read_signal(std::string& out, std::string_view name, const std::string& text) {
  if (std::string problem = read_text(out, name, text); !problem.empty()) return problem;
  std::transform(out.begin(), out.end(), out.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  if (out.starts_with("SIG")) out.erase(0, 3);
  if (std::find(kSignalNames.begin(), kSignalNames.end(), out) != kSignalNames.end()) return {};
  std::string known;
  for (const std::string_view each : kSignalNames)
    known += (known.empty() ? "" : ", ") + std::string(each);
  return wrong(name, text, " is none of " + known);
}

std::string no_count(std::string_view name, const std::string& text, const std::string& least,
                     const std::string& most) {
  return wrong(name, text, " is no number from " + least + " to " + most);
}

uds::Result<uid_t, std::string> read_user(std::string_view name, const std::string& text) {
  const auto uid = uds::find_user(text);
  if (uid) return *uid;
  return wrong(name, text, " is no user of this host; write a user's name or number");
}

}  // namespace udsctl
