// Body of load_reply.hpp.
#include "load_reply.hpp"

#include <charconv>

namespace uds_load {
namespace {

bool skip(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// What stands before the closing quote, which is removed too. Escapes are left as they are.
std::optional<std::string_view> take_text(std::string_view& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      const std::string_view taken = text.substr(0, i);
      text.remove_prefix(i + 1);
      return taken;
    }
  }
  return std::nullopt;
}

std::optional<Status> take_status(std::string_view& text) {
  if (skip(text, "PROCESSING\"")) return Status::Processing;
  if (skip(text, "OK\"")) return Status::Ok;
  if (skip(text, "ERROR\"")) return Status::Error;
  return std::nullopt;
}

/// A quote within a string is escaped, so the last `,"error":{` outside of data is the key itself.
std::optional<std::string_view> find_code(std::string_view text) {
  constexpr std::string_view kError = ",\"error\":{";
  constexpr std::string_view kCode = "\"code\":\"";
  const std::size_t error = text.rfind(kError);
  if (error == std::string_view::npos) return std::nullopt;
  const std::size_t code = text.find(kCode, error);
  if (code == std::string_view::npos) return std::nullopt;
  text.remove_prefix(code + kCode.size());
  return take_text(text);
}

}  // namespace

std::optional<Reply> scan_reply(std::string_view text) {
  if (!text.ends_with('}') || !skip(text, "{\"id\":")) return std::nullopt;
  Reply reply;
  if (!skip(text, "null")) {
    reply.id = take_number(text);
    if (!reply.id) return std::nullopt;
  }
  if (!skip(text, ",\"status\":\"")) return std::nullopt;
  const auto status = take_status(text);
  if (!status || !skip(text, ",\"message\":\"") || !take_text(text)) return std::nullopt;
  reply.status = *status;
  if (skip(text, ",\"seq\":")) {
    const auto seq = take_number(text);
    if (!seq) return std::nullopt;
    reply.seq = *seq;
  }
  if (!text.starts_with(',') && text != "}") return std::nullopt;
  if (reply.status == Status::Error) {
    const auto code = find_code(text);
    if (!code) return std::nullopt;
    reply.code = *code;
  }
  return reply;
}

}  // namespace uds_load
