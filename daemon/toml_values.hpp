// One function per kind of value in a TOML file of udsd: checks a node, gives the value, or notes
// what would be right and where. Owns nothing.
//
// The only file that includes toml++, for the readers of configuration and of declarations;
// everything else sees what they made of it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
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

#include "uds/access.hpp"
#include "uds/log.hpp"

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

/// The file whose text this is; nothing after having added why it is none.
std::optional<toml::table> parse_toml(std::string_view text, Findings& findings);

// Each returns nothing after having added a finding.

/// A text; `right` says in the finding what would be right.
std::optional<std::string> read_text(const toml::node& node, const std::string& right,
                                     Findings& findings);
std::optional<bool> read_flag(const toml::node& node, Findings& findings);
/// A text that `parse` understands: it gives nothing where it does not.
template <class Parse>
auto read_parsed(const toml::node& node, const std::string& right, Parse parse, Findings& findings)
    -> decltype(parse(std::string())) {
  const auto text = read_text(node, right, findings);
  if (!text) return std::nullopt;
  auto value = parse(*text);
  if (!value) findings.add(node.source(), uds::log_quote(*text) + " must be " + right);
  return value;
}
std::optional<uid_t> read_user(const toml::node& node, Findings& findings);
std::optional<gid_t> read_group(const toml::node& node, Findings& findings);
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
}  // namespace udsd
