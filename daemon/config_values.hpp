// One function per kind of value in udsd.toml: checks a node, gives the value, or notes what would
// be right and where.
//
// Included by the two files of the configuration reader only; everything else sees Settings.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// toml++ 3.3 asserts where a file is merely malformed, and without assertions leaves undefined what
// then happens. Ours throws, in every build; parse_config() catches it.
namespace udsd {
[[noreturn]] inline void toml_gave_up() {
  throw std::logic_error("toml++ gave up");
}
}  // namespace udsd
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? void() : udsd::toml_gave_up())
#ifndef TOML_EXCEPTIONS
#define TOML_EXCEPTIONS 0
#endif
#include <toml++/toml.h>

#include "settings.hpp"

namespace udsd {

/// What is wrong with a file, in the order found.
class Findings {
 public:
  /// `path` opens every error.
  explicit Findings(std::string path) : path_(std::move(path)) {}

  /// What the next findings are about, such as "socket.mode"; empty: they say it themselves.
  void set_subject(std::string key) { subject_ = std::move(key); }
  void add(const toml::source_region& where, const std::string& what);
  [[nodiscard]] bool empty() const noexcept { return errors_.empty(); }
  [[nodiscard]] std::vector<std::string> errors() && { return std::move(errors_); }

 private:
  std::string path_;
  std::string subject_;
  std::vector<std::string> errors_;
};

// Each returns nothing after having added a finding.
std::optional<std::string> read_path(const toml::node& node, Findings& findings);
std::optional<mode_t> read_mode(const toml::node& node, Findings& findings);
std::optional<uid_t> read_user(const toml::node& node, Findings& findings);
std::optional<gid_t> read_group(const toml::node& node, Findings& findings);
std::optional<uds::LogLevel> read_log_level(const toml::node& node, Findings& findings);
std::optional<LogFormat> read_log_format(const toml::node& node, Findings& findings);
std::optional<std::uint64_t> read_count(const toml::node& node, std::uint64_t least,
                                        std::uint64_t most, Findings& findings);
std::optional<std::uint64_t> read_size(const toml::node& node, std::uint64_t least,
                                       std::uint64_t most, Findings& findings);
std::optional<std::chrono::milliseconds> read_duration(const toml::node& node,
                                                       std::chrono::milliseconds least,
                                                       std::chrono::milliseconds most,
                                                       Findings& findings);

/// Add a list of names to `who`.
void read_users(const toml::node& node, uds::Principals& who, Findings& findings);
void read_groups(const toml::node& node, uds::Principals& who, Findings& findings);
/// "everyone", "admin", or { users = [...], groups = [...] }.
std::optional<uds::Access> read_access(const toml::node& node, Findings& findings);

}  // namespace udsd
