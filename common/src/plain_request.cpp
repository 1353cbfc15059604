// Body of plain_request.hpp: one pass over the text, which stops at the first byte that is not
// plain.
#include "plain_request.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>

#include "command_name.hpp"
#include "plain_text.hpp"

namespace uds::detail {

namespace {

/// Whether `name` is the literal: compared without a call, since the size is known.
template <std::size_t Size>
bool is(std::string_view name, const char (&literal)[Size]) {
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): no more than its size is compared
  return name.size() == Size - 1 && std::memcmp(name.data(), literal, Size - 1) == 0;
}

bool is_space(char c) {
  return c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t');
}

/// Fills the request while it reads, but for a text as id: that may be long, and in vain.
class PlainReader {
 public:
  /// `text` ends with a brace, behind which nothing is read.
  PlainReader(std::string_view text, Request& request)
      : at_(text.data()), brace_(text.data() + text.size() - 1), request_(request) {}

  bool read() {
    if (!take('{')) return false;
    do {
      if (!read_member()) return false;
    } while (take(','));
    if (!take('}') || at_ != brace_ + 1 || request_.cmd.empty()) return false;
    if (id_text_.data() != nullptr) request_.id.assign(id_text_);
    return true;
  }
  [[nodiscard]] bool fits(const Limits& limits) const {
    return values_ <= limits.json_values &&
           limits.json_depth >= (request_.args.is_null() ? 1U : 2U);
  }

 private:
  enum class Member { Id, Cmd, Args, Timeout, Other };
  /// Enough for every number of the envelope, and far from any overflow.
  static constexpr int kMostDigits = 16;

  [[nodiscard]] bool at(char wanted) const { return *at_ == wanted; }
  /// What comes before the last brace.
  [[nodiscard]] std::string_view rest() const {
    return {at_, static_cast<std::size_t>(brace_ - at_)};
  }
  void skip_space() {
    while (is_space(*at_)) ++at_;
  }
  bool take(char wanted) {
    if (!at(wanted)) {
      skip_space();
      if (!at(wanted)) return false;
    }
    ++at_;
    return true;
  }
  /// Takes the literal where it stands right here, without space in it or before it.
  template <std::size_t Size>
  bool take_all(const char (&literal)[Size]) {
    if (rest().size() < Size - 1) return false;
    if (!is({at_, Size - 1}, literal)) return false;
    at_ += Size - 1;
    return true;
  }
  /// Inlined, so that the reader can stay in registers.
  [[gnu::always_inline]] bool read_string(std::string_view& out) {
    if (!take('"')) return false;
    const std::size_t size = plain_length(rest());
    out = {at_, size};
    at_ += size;
    if (!at('"')) return false;
    ++at_;
    return true;
  }
  /// Digits without a leading zero; a minus only before a number that is not 0.
  bool read_integer(std::int64_t& out) {
    skip_space();
    const bool negative = at('-');
    if (negative) ++at_;
    const char* const begin = at_;
    out = 0;
    while (*at_ >= '0' && *at_ <= '9' && at_ - begin < kMostDigits) out = out * 10 + (*at_++ - '0');
    const bool leading_zero = at_ != begin && *begin == '0' && (negative || at_ - begin > 1);
    if (negative) out = -out;
    return at_ != begin && !leading_zero;
  }
  /// The name of a member, and the colon.
  Member read_name() {
    // As nearly all write them.
    if (take_all("\"id\":")) return Member::Id;
    if (take_all("\"cmd\":")) return Member::Cmd;
    std::string_view name;
    if (!read_string(name) || !take(':')) return Member::Other;
    if (is(name, "id")) return Member::Id;
    if (is(name, "cmd")) return Member::Cmd;
    if (is(name, "args")) return Member::Args;
    return is(name, "timeout_ms") ? Member::Timeout : Member::Other;
  }
  /// False also for a second member of the same name.
  bool read_member() {
    ++values_;
    switch (read_name()) {
      case Member::Id:
        return !request_.id.present() && id_text_.data() == nullptr && read_id();
      case Member::Cmd:
        return request_.cmd.empty() && read_cmd();
      case Member::Args:
        return request_.args.is_null() && read_args();
      case Member::Timeout:
        return !request_.timeout && read_timeout();
      case Member::Other:
        break;
    }
    return false;
  }
  bool read_id() {
    skip_space();
    if (at('"')) return read_string(id_text_) && id_text_.size() <= RequestId::kMaxBytes;
    std::int64_t number = 0;
    if (!read_integer(number) || number < -RequestId::kMaxNumber || number > RequestId::kMaxNumber)
      return false;
    request_.id = RequestId(number);
    return true;
  }
  bool read_cmd() {
    if (!take('"')) return false;
    const std::string_view name{at_, command_name_length(rest())};
    at_ += name.size();
    if (name.empty() || !at('"')) return false;
    ++at_;
    request_.cmd = name;
    return true;
  }
  bool read_args() {
    if (!take('{') || !take('}') || at_ > brace_) return false;  // that was the last brace
    request_.args = Json::object();
    return true;
  }
  bool read_timeout() {
    std::int64_t timeout = 0;
    if (!read_integer(timeout) || timeout < 1 || timeout > Request::kMaxTimeout.count())
      return false;
    request_.timeout = std::chrono::milliseconds(timeout);
    return true;
  }

  const char* at_;
  const char* brace_;
  Request& request_;
  std::string_view id_text_;  // its data is null where there is none
  std::size_t values_ = 1;    // the object itself
};

}  // namespace

[[gnu::hot]] bool read_plain_request(std::string_view text, const Limits& limits,
                                     Request& request) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text.empty() || text.back() != '}') return false;
  PlainReader reader(text, request);
  if (reader.read() && reader.fits(limits)) return true;
  request.id = RequestId();
  request.cmd.clear();
  request.args = nullptr;
  request.timeout.reset();
  return false;
}

}  // namespace uds::detail
