// What requests and responses share: ids, and the words of the protocol. Pure values, no state.
#include "uds/message.hpp"

#include <utility>

#include "command_name.hpp"

namespace uds {

std::string_view to_string(Code code) noexcept {
  switch (code) {
    case Code::BadFrame:
      return "bad_frame";
    case Code::TooLarge:
      return "too_large";
    case Code::BadRequest:
      return "bad_request";
    case Code::UnknownCommand:
      return "unknown_command";
    case Code::InvalidArgs:
      return "invalid_args";
    case Code::PermissionDenied:
      return "permission_denied";
    case Code::DuplicateId:
      return "duplicate_id";
    case Code::NotFound:
      return "not_found";
    case Code::Busy:
      return "busy";
    case Code::DeadlineExceeded:
      return "deadline_exceeded";
    case Code::Cancelled:
      return "cancelled";
    case Code::ShuttingDown:
      return "shutting_down";
    case Code::CommandFailed:
      return "command_failed";
    case Code::OutputLimit:
      return "output_limit";
    case Code::Internal:
      break;
  }
  return "internal";
}

std::string_view to_string(Output::Stream stream) noexcept {
  return stream == Output::Stream::Stdout ? "stdout" : "stderr";
}

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::Ok:
      return "OK";
    case Status::Processing:
      return "PROCESSING";
    case Status::Error:
      break;
  }
  return "ERROR";
}

std::optional<RequestId> RequestId::from_json(const Json& value) {
  if (value.is_null()) return RequestId();
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.size() > kMaxBytes) return std::nullopt;
    return RequestId(text);
  }
  if (!value.is_number_integer()) return std::nullopt;
  // Above 2^63 the signed reading would wrap.
  if (value.is_number_unsigned() && !std::in_range<std::int64_t>(value.get<std::uint64_t>())) {
    return std::nullopt;
  }
  const auto number = value.get<std::int64_t>();
  if (number < -kMaxNumber || number > kMaxNumber) return std::nullopt;
  return RequestId(number);
}

Json RequestId::to_json() const {
  if (kind_ == Kind::Number) return Json(number_);
  return kind_ == Kind::Text ? Json(text_) : Json();
}

void RequestId::append_to(std::string& out) const {
  switch (kind_) {
    case Kind::None:
      out += "null";
      break;
    case Kind::Number:
      out += std::to_string(number_);
      break;
    case Kind::Text:
      append_json_string(out, text_);
      break;
  }
}

bool is_command_name(std::string_view name) noexcept {
  return !name.empty() && detail::command_name_length(name) == name.size();
}

}  // namespace uds
