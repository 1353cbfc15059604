// Body of request_reader.hpp, on simdjson: it validates structure, UTF-8 and numbers in one pass.
//
// What it lets through and we do not is looked for here: duplicate keys, depth, the number of
// values, a byte order mark, escaped surrogates. The parser and its buffer are kept by the thread,
// so that a small request allocates nothing.
#include "request_reader.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "plain_request.hpp"

namespace uds::detail {

namespace {

namespace dom = simdjson::dom;

static_assert(FrameDecoder::kPadding >= simdjson::SIMDJSON_PADDING);

/// Texts of this size are usual: memory for them stays.
constexpr std::size_t kUsualBytes = std::size_t{16} << 10;
/// Usual texts after which the memory for a larger one goes back: it seldom comes alone.
constexpr int kPatience = 64;

/// The parser, with room to put texts that have no padding behind them.
class Parser {
 public:
  Parser() { shrink(); }

  /// The root of `text`, valid until the next call; nothing if it is no JSON.
  std::optional<dom::element> parse(std::string_view text, bool padded) {
    if (!padded) text = copy(text);
    dom::element root;
    const auto error = parser_.parse(text.data(), text.size(), false).get(root);
    if (error == simdjson::SUCCESS) return root;
    if (error == simdjson::MEMALLOC) parser_ = dom::parser();
    return std::nullopt;
  }

  void shrink() {
    parser_ = dom::parser();
    // One that got only a part of its memory would use it as if it were whole (simdjson 3.0).
    if (parser_.allocate(kUsualBytes) != simdjson::SUCCESS) parser_ = dom::parser();
    std::vector<char>().swap(padded_);
  }

 private:
  std::string_view copy(std::string_view text) {
    if (padded_.size() < text.size() + simdjson::SIMDJSON_PADDING)
      padded_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    std::memcpy(padded_.data(), text.data(), text.size());
    return {padded_.data(), text.size()};
  }

  dom::parser parser_;
  std::vector<char> padded_;
};

Parser& parser() {
  thread_local Parser own;
  return own;
}

/// Usual texts since the last larger one, as far as that is of interest.
constinit thread_local int usual_since_large = kPatience;

/// A text of so many bytes is to be read, by whomever.
void note_size(std::size_t bytes) {
  if (bytes > kUsualBytes)
    usual_since_large = 0;
  else if (++usual_since_large == kPatience)
    parser().shrink();
}

/// Turns elements into values as DomBuilder of json.cpp does; false where it would refuse.
class Converter {
 public:
  explicit Converter(const Limits& limits) : limits_(limits) {}

  /// `depth`: how many objects and arrays are open around `from`.
  // NOLINTNEXTLINE(misc-no-recursion): the depth is limited
  bool convert(const dom::element& from, std::size_t depth, Json& to) {
    if (!count(1)) return false;
    switch (from.type()) {
      case dom::element_type::OBJECT:
        return convert_object(dom::object(from), depth, to);
      case dom::element_type::ARRAY:
        return convert_array(dom::array(from), depth, to);
      case dom::element_type::INT64: {
        const auto number = std::int64_t(from);
        // As everywhere: an integer from 0 upwards is unsigned.
        to = number < 0 ? Json(number) : Json(static_cast<std::uint64_t>(number));
        return true;
      }
      case dom::element_type::UINT64:
        to = std::uint64_t(from);
        return true;
      case dom::element_type::DOUBLE:
        to = double(from);
        return true;
      case dom::element_type::STRING:
        to = std::string(std::string_view(from));
        return true;
      case dom::element_type::BOOL:
        to = bool(from);
        return true;
      case dom::element_type::NULL_VALUE:
        to = nullptr;
        return true;
    }
    return false;
  }
  bool count(std::size_t more) { return (values_ += more) <= limits_.json_values; }

 private:
  // NOLINTNEXTLINE(misc-no-recursion)
  bool convert_object(const dom::object& from, std::size_t depth, Json& to) {
    if (depth >= limits_.json_depth) return false;
    to = Json::object();
    auto& members = to.get_ref<Json::object_t&>();
    for (const auto& [key, value] : from) {
      const auto [member, inserted] = members.emplace(std::string(key), nullptr);
      if (!inserted || !convert(value, depth + 1, member->second)) return false;
    }
    return true;
  }
  // NOLINTNEXTLINE(misc-no-recursion)
  bool convert_array(const dom::array& from, std::size_t depth, Json& to) {
    if (depth >= limits_.json_depth) return false;
    to = Json::array();
    auto& items = to.get_ref<Json::array_t&>();
    for (const dom::element& item : from)
      if (!convert(item, depth + 1, items.emplace_back())) return false;
    return true;
  }

  const Limits& limits_;
  std::size_t values_ = 0;
};

std::optional<RequestId> read_id(const dom::element& value) {
  if (value.is_string()) {
    const std::string_view text(value);
    if (text.size() <= RequestId::kMaxBytes) return RequestId(std::string(text));
  } else if (value.is_int64()) {
    const auto number = std::int64_t(value);
    if (number >= -RequestId::kMaxNumber && number <= RequestId::kMaxNumber)
      return RequestId(number);
  }
  return std::nullopt;
}

bool read_envelope(const dom::element& root, const Limits& limits, Request& request) {
  if (!root.is_object() || limits.json_depth == 0) return false;
  Converter converter(limits);
  if (!converter.count(1)) return false;
  for (const auto& [name, value] : dom::object(root)) {
    if (name == "id" && !request.id.present()) {
      auto id = read_id(value);
      if (!id || !converter.count(1)) return false;
      request.id = *std::move(id);
    } else if (name == "cmd" && request.cmd.empty()) {
      if (!value.is_string() || !converter.count(1)) return false;
      request.cmd = std::string_view(value);
      if (!is_command_name(request.cmd)) return false;
    } else if (name == "args" && request.args.is_null()) {
      if (!value.is_object() || !converter.convert(value, 1, request.args)) return false;
    } else if (name == "timeout_ms" && !request.timeout) {
      if (!value.is_int64() || !converter.count(1)) return false;
      const std::chrono::milliseconds timeout{std::int64_t(value)};
      if (timeout.count() < 1 || timeout > Request::kMaxTimeout) return false;
      request.timeout = timeout;
    } else {
      return false;
    }
  }
  return !request.cmd.empty();
}

/// All of JSON. A call of its own: what it needs is not set up for the plain ones.
[[gnu::noinline]] bool read_any(std::string_view text, bool padded, const Limits& limits,
                                Request& request) {
  // simdjson skips a byte order mark, and lets a low surrogate stand alone.
  if (text.starts_with('\xEF') || text.find("\\u") != std::string_view::npos) return false;
  const auto root = parser().parse(text, padded);
  return root && read_envelope(*root, limits, request);
}

}  // namespace

[[gnu::hot]] bool read_request(std::string_view text, bool padded, const Limits& limits,
                               Request& request) {
  if (text.size() > kUsualBytes || usual_since_large < kPatience) note_size(text.size());
  return read_plain_request(text, limits, request) || read_any(text, padded, limits, request);
}

}  // namespace uds::detail
