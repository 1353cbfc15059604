// Reads strict JSON on top of nlohmann's event parser; json_text.cpp writes it.
//
// The parser reports events; DomBuilder turns them into a value in one pass and refuses what the
// parser alone would let through: duplicate keys, deep nesting, too many values, integers that
// would silently become doubles. The parser does not recurse, and nothing deeper than the limit is
// ever built, so no input can exhaust the stack. Reasons are words of this file. The parser's own
// messages quote the input and never leave it.
#include "uds/json.hpp"

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "utf8.hpp"

namespace uds {
namespace {

constexpr int kNumberOverflow = 406;  // nlohmann's documented exception id "out_of_range.406"

/// Walks over the text and leaves behind how far the parser has read: its events carry no position.
class TrackedByte {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedByte(const char* at, const char** read_to) : at_(at), read_to_(read_to) {}

  reference operator*() const { return *at_; }
  TrackedByte& operator++() {
    *read_to_ = ++at_;
    return *this;
  }
  TrackedByte operator++(int) {
    TrackedByte before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const TrackedByte& a, const TrackedByte& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  const char** read_to_;
};

/// Whether a string is open at the end of `text`, in which everything before it was acceptable.
bool inside_string(std::string_view text) {
  bool inside = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') inside = !inside;
    if (inside && text[at] == '\\') ++at;
  }
  return inside;
}

/// Receives the parser's events. A function that returns false stops the parser.
class DomBuilder {
 public:
  DomBuilder(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

  Result<Json, JsonError> run() {
    const char* const first = text_.data();
    const char* const last = first + text_.size();
    read_to_ = first;
    const bool ok =
        Json::sax_parse(TrackedByte(first, &read_to_), TrackedByte(last, &read_to_), this);
    if (error_) return *std::move(error_);
    if (!ok) return JsonError(0, "not JSON");
    return std::move(root_);
  }

  bool null() { return place(Json()) != nullptr; }
  bool boolean(bool value) { return place(Json(value)) != nullptr; }
  bool number_integer(std::int64_t value) { return place(Json(value)) != nullptr; }
  bool number_unsigned(std::uint64_t value) { return place(Json(value)) != nullptr; }
  bool number_float(double value, const std::string& source) {
    // The parser falls back to double, and loses digits, when an integer does not fit 64 bits.
    if (source.find_first_of(".eE") == std::string::npos) return refuse("integer outside 64 bits");
    return place(Json(value)) != nullptr;
  }
  bool string(std::string& value) { return place(Json(std::move(value))) != nullptr; }
  bool binary(Json::binary_t&) { return refuse("binary value"); }

  bool start_object(std::size_t) { return open(Json::value_t::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Json::value_t::array); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    auto& members = open_.back()->get_ref<Json::object_t&>();
    const auto [member, inserted] = members.emplace(std::move(name), nullptr);
    if (!inserted) return refuse("duplicate key");
    member_ = &member->second;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception& error) {
    // `position` counts bytes read, the end of the text as one more.
    const std::size_t offset = position == 0 ? 0 : position - 1;
    const std::size_t valid = detail::valid_utf8_length(text_);
    if (valid <= offset && valid < text_.size()) return refuse(valid, "invalid UTF-8");
    if (offset >= text_.size()) return refuse(text_.size(), "unexpected end");
    if (error.id == kNumberOverflow) return refuse(offset, "number outside double");
    if (complete_) return refuse(offset, "text after the value");
    if (inside_string(text_.substr(0, offset))) {
      const auto byte = static_cast<unsigned char>(text_[offset]);
      if (byte < 0x20) return refuse(offset, "control character in a string");
      // The parser reports both at the closing quote.
      if (byte == '"') return refuse(offset, "string out of place, or lone surrogate at its end");
      return refuse(offset, "invalid escape in a string");
    }
    return refuse(offset, "unexpected character");
  }

 private:
  /// Puts `value` where the text has it, and says where; nullptr if the text holds too many.
  Json* place(Json value) {
    if (++values_ > limits_.json_values) {
      refuse("more than " + std::to_string(limits_.json_values) + " values");
      return nullptr;
    }
    complete_ = open_.empty();
    Json* slot = &root_;
    if (!open_.empty()) {
      slot = member_;
      if (open_.back()->is_array()) {
        // Elements still open are never moved by this: only the innermost array grows.
        slot = &open_.back()->get_ref<Json::array_t&>().emplace_back();
      }
    }
    *slot = std::move(value);
    return slot;
  }

  bool open(Json::value_t type) {
    if (open_.size() >= limits_.json_depth) {
      return refuse("nested deeper than " + std::to_string(limits_.json_depth));
    }
    Json* slot = place(Json(type));
    if (slot == nullptr) return false;
    open_.push_back(slot);
    complete_ = false;
    return true;
  }

  bool close() {
    open_.pop_back();
    complete_ = open_.empty();
    return true;
  }

  bool refuse(std::size_t offset, std::string reason) {
    error_.emplace(offset, std::move(reason));
    return false;
  }
  bool refuse(std::string reason) {
    const auto read = static_cast<std::size_t>(read_to_ - text_.data());
    return refuse(read == 0 ? 0 : read - 1, std::move(reason));
  }

  std::string_view text_;
  const Limits& limits_;
  const char* read_to_ = nullptr;
  Json root_;
  std::vector<Json*> open_;  // objects and arrays not closed yet, outermost first
  Json* member_ = nullptr;   // where the value of the last key goes
  std::size_t values_ = 0;
  bool complete_ = false;  // the one value has been read
  std::optional<JsonError> error_;
};

}  // namespace

Result<Json, JsonError> parse_json(std::string_view text, const Limits& limits) {
  // The parser skips a byte order mark and takes NUL for the end of the text; other readers do
  // neither.
  if (text.starts_with("\xEF\xBB\xBF")) return JsonError(0, "byte order mark");
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return JsonError(nul, "NUL byte");
  }
  return DomBuilder(text, limits).run();
}

}  // namespace uds
