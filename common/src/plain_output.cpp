// Body of plain_output.hpp.
#include "plain_output.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "base64.hpp"
#include "escaped_text.hpp"
#include "plain_text.hpp"

namespace uds::detail {
namespace {

using namespace std::string_view_literals;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  /// A number as this library writes it: no sign, no leading zero, at least 1.
  bool number(std::uint64_t& out) {
    if (rest_.empty() || rest_.front() == '0') return false;
    const auto [end, failure] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (failure != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }
  bool id(RequestId& out) {
    if (take("\"")) {
      const std::size_t size = plain_length(rest_);
      if (size > RequestId::kMaxBytes || size >= rest_.size() || rest_[size] != '"') return false;
      out = RequestId(std::string(rest_.substr(0, size)));
      rest_.remove_prefix(size + 1);
      return true;
    }
    std::uint64_t value = 0;
    if (!number(value) || value > static_cast<std::uint64_t>(RequestId::kMaxNumber)) return false;
    out = RequestId(static_cast<std::int64_t>(value));
    return true;
  }
  bool stream(Output::Stream& out) {
    out = Output::Stream::Stdout;
    if (take("stdout")) return true;
    out = Output::Stream::Stderr;
    return take("stderr");
  }
  bool bytes(std::string& out) {
    if (take(R"(,"text":")")) return string(out);
    if (!take(R"(,"base64":")")) return false;
    const std::size_t size = rest_.find('"');
    if (size == std::string_view::npos) return false;
    auto decoded = from_base64(rest_.substr(0, size));
    if (!decoded) return false;
    out = *std::move(decoded);
    rest_.remove_prefix(size + 1);
    return true;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  /// What follows a quote, and the quote behind it.
  bool string(std::string& out) {
    auto read = read_escaped(rest_);
    if (!read) return false;
    out = std::move(read->utf8);
    rest_.remove_prefix(read->size + 1);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<PlainOutput> read_plain_output(std::string_view text) {
  Reader reader(text);
  PlainOutput out;
  Output::Stream message{};
  const bool begins = reader.take(R"({"id":)") && reader.id(out.id) &&
                      reader.take(R"(,"status":"PROCESSING","message":")") &&
                      reader.stream(message) && reader.take(R"(","seq":)") &&
                      reader.number(out.seq) && reader.take(R"(,"output":{"stream":")") &&
                      reader.stream(out.output.stream) && out.output.stream == message &&
                      reader.take("\"") && reader.bytes(out.output.bytes) && reader.take("}");
  if (!begins) return std::nullopt;
  if (reader.take(R"(,"data":{"event":)")) {
    if (!reader.number(out.event.emplace()) || !reader.take("}")) return std::nullopt;
  }
  if (!reader.take("}") || !reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace uds::detail
