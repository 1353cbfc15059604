// One argument of a declared command: its rule, and the text that its value becomes.
//
// Pure. The rule is a schema, so that help, flags and completion know it as they know any; both
// sides of the privilege border check a value by it. What a program may get as an argument is
// narrower than JSON: no control characters, and no more than kMostBytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "uds/json.hpp"
#include "uds/result.hpp"
#include "uds/schema.hpp"

namespace udsd {

/// Of one value, and of all values of a request together.
inline constexpr std::size_t kMostValueBytes = std::size_t{4} << 10;
inline constexpr std::size_t kMostValuesBytes = std::size_t{64} << 10;

/// Why `text` may not become an argument of a program; nothing if it may.
std::optional<std::string> unfit_for_argument(std::string_view text);

struct Parameter {
  enum class Type { String, Integer, Number, Boolean, Path };

  std::string name;
  Type type = Type::String;
  std::string summary;
  bool required = true;  ///< or has a default, or stands in groups only
  bool spread = false;   ///< an array, each item an argument of its own
  bool secret = false;   ///< never in an argument vector, a log or an answer
  std::string below;     ///< the directory that a path must lie in
  // Parts of `rule`, as declared: for what is judged of the declaration itself.
  std::string pattern;
  std::vector<uds::Json> allowed;  ///< empty: any
  std::optional<std::int64_t> minimum;
  /// What one value must be.
  uds::schema::Value rule{uds::schema::Type::String};
  std::optional<uds::Json> fallback;
  std::optional<std::size_t> min_items;
  std::optional<std::size_t> max_items;

  /// Whether every request that is accepted has a value for it, and a place is so never empty.
  [[nodiscard]] bool always_there() const noexcept;
  /// The part of `path` below the directory that it must lie in: `path` itself where it is
  /// relative. Nothing if it leaves that directory by its text: by "..", or as another absolute
  /// path. Links are for whoever opens it.
  [[nodiscard]] std::optional<std::string> part_below(std::string_view path) const;
  /// The whole argument, as `help` describes it and requests are checked by.
  [[nodiscard]] uds::schema::Value schema() const;
  /// The texts of `value`, which fits schema(): one, or one for each item. Error: a sentence.
  [[nodiscard]] uds::Result<std::vector<std::string>, std::string> texts(
      const uds::Json& value) const;
  /// Checks `texts` as if they were a value of a request: exactly those pass that texts() makes of
  /// a value that fits. What does not fit, or nothing.
  [[nodiscard]] std::optional<std::string> problem(const std::vector<std::string>& texts) const;

 private:
  /// Why `text` may not stand for a value, whatever the rule says.
  [[nodiscard]] std::optional<std::string> unfit(std::string_view text) const;
};

}  // namespace udsd
