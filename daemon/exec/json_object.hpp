// Writes one JSON object, member by member. udsd-exec reads no JSON, and has no tree of it.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "uds/json.hpp"

namespace udsd {

class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value) {
    begin(name);
    uds::append_json_string(out_, value);
    return *this;
  }
  JsonObject& number(std::string_view name, std::integral auto value) {
    return json(name, std::to_string(value));
  }
  JsonObject& flag(std::string_view name, bool value) {
    return json(name, value ? "true" : "false");
  }
  /// `value` is JSON already.
  JsonObject& json(std::string_view name, std::string_view value) {
    begin(name);
    out_ += value;
    return *this;
  }
  [[nodiscard]] std::string str() const { return out_ + "}"; }

 private:
  void begin(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    uds::append_json_string(out_, name);
    out_ += ':';
  }

  std::string out_ = "{";
};

/// An array of `items`, each written by `append(out, item)`.
template <class Items, class Append>
std::string json_array(const Items& items, Append append) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    append(out, item);
  }
  return out + "]";
}

}  // namespace udsd
