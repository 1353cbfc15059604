// Body of plain_request.hpp: one pass over the text, which stops at the first byte that is not
// plain.
#include "plain_request.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "plain_text.hpp"

namespace uds::detail {

namespace {

/// Whether `name` is the literal: compared without a call, since the size is known.
template <std::size_t Size>
bool is(std::string_view name, const char (&literal)[Size]) {
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): no more than its size is compared
  return name.size() == Size - 1 && std::memcmp(name.data(), literal, Size - 1) == 0;
}

class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool read() {
    if (!take('{')) return false;
    do {
      std::string_view name;
      if (!read_string(name) || !take(':') || !read_member(name)) return false;
    } while (take(','));
    if (!take('}')) return false;
    skip_space();
    return at_ == end_ && is_command_name(cmd_);
  }
  [[nodiscard]] bool fits(const Limits& limits) const {
    return values_ <= limits.json_values && limits.json_depth >= (has_args_ ? 2U : 1U);
  }
  void store(Request& request) const {
    if (id_ == Id::Number)
      request.id = RequestId(id_number_);
    else if (id_ == Id::Text)
      request.id = RequestId(std::string(id_text_));
    request.cmd = cmd_;
    if (has_args_) request.args = Json::object();
    if (timeout_ > 0) request.timeout = std::chrono::milliseconds(timeout_);
  }

 private:
  enum class Id { None, Number, Text };
  /// Enough for every number of the envelope, and far from any overflow.
  static constexpr int kMostDigits = 16;

  [[nodiscard]] bool at(char wanted) const { return at_ != end_ && *at_ == wanted; }
  void skip_space() {
    while (at_ != end_ && *at_ <= ' ' &&
           (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
      ++at_;
  }
  bool take(char wanted) {
    if (!at(wanted)) {
      skip_space();
      if (!at(wanted)) return false;
    }
    ++at_;
    return true;
  }
  bool read_string(std::string_view& out) {
    if (!take('"')) return false;
    // In a local variable: a member would be written back before each byte is read.
    const char* at = at_;
    while (at != end_ && !is_special(*at)) ++at;
    out = {at_, static_cast<std::size_t>(at - at_)};
    if (at == end_ || *at != '"') return false;
    at_ = at + 1;
    return true;
  }
  /// Digits without a leading zero; a minus only before a number that is not 0.
  bool read_integer(std::int64_t& out) {
    skip_space();
    const bool negative = at('-');
    if (negative) ++at_;
    const char* const begin = at_;
    out = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin < kMostDigits)
      out = out * 10 + (*at_++ - '0');
    const bool leading_zero = at_ != begin && *begin == '0' && (negative || at_ - begin > 1);
    if (negative) out = -out;
    return at_ != begin && !leading_zero;
  }
  /// False also for a second member of the same name.
  bool read_member(std::string_view name) {
    ++values_;
    if (is(name, "id")) return read_id();
    if (is(name, "cmd")) return cmd_.empty() && read_string(cmd_) && !cmd_.empty();
    if (is(name, "args")) return !std::exchange(has_args_, true) && take('{') && take('}');
    return is(name, "timeout_ms") && read_timeout();
  }
  bool read_id() {
    if (id_ != Id::None) return false;
    skip_space();
    id_ = at('"') ? Id::Text : Id::Number;
    if (id_ == Id::Text) return read_string(id_text_) && id_text_.size() <= RequestId::kMaxBytes;
    return read_integer(id_number_) && id_number_ >= -RequestId::kMaxNumber &&
           id_number_ <= RequestId::kMaxNumber;
  }
  bool read_timeout() {
    return timeout_ == 0 && read_integer(timeout_) && timeout_ >= 1 &&
           timeout_ <= Request::kMaxTimeout.count();
  }

  const char* at_;
  const char* end_;
  std::size_t values_ = 1;  // the object itself
  Id id_ = Id::None;
  std::int64_t id_number_ = 0;
  std::string_view id_text_;
  std::string_view cmd_;
  std::int64_t timeout_ = 0;  // none
  bool has_args_ = false;
};

}  // namespace

bool read_plain_request(std::string_view text, const Limits& limits, Request& request) {
  PlainReader reader(text);
  if (!reader.read() || !reader.fits(limits)) return false;
  reader.store(request);
  return true;
}

}  // namespace uds::detail
