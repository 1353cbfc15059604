// Values of options as people write them: durations, numbers, users, signals. Each function reads
// one, and gives a sentence where it is none.
#pragma once

#include "uds/result.hpp"

#include <sys/types.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace udsctl {

// `name` is the option, which begins the sentence. What is wrong, or nothing.

/// A time to wait.
std::string read_duration(std::optional<std::chrono::milliseconds>& out, std::string_view name,
                          const std::string& text);
/// How far back: no time at all, and more than there was, are as good as any other.
std::string read_past(std::optional<std::chrono::milliseconds>& out, std::string_view name,
                      const std::string& text);
/// A text that may not be empty: that would mean that nothing was said.
std::string read_text(std::string& out, std::string_view name, const std::string& text);
/// The name or the number of a user of this host, as it is.
std::string read_user_text(std::string& out, std::string_view name, const std::string& text);
/// The signal that a run gets first: INT for INT, int, SIGINT and sigint.
std::string read_signal(std::string& out, std::string_view name, const std::string& text);

std::string no_count(std::string_view name, const std::string& text, const std::string& least,
                     const std::string& most);
template <class Number>
std::string read_count(Number& out, std::string_view name, const std::string& text, Number least,
                       Number most) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failure == std::errc() && end == text.data() + text.size() && out >= least && out <= most)
    return {};
  return no_count(name, text, std::to_string(least), std::to_string(most));
}

/// A user of this host, by name or number.
uds::Result<uid_t, std::string> read_user(std::string_view name, const std::string& text);

}  // namespace udsctl
