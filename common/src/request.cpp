// A frame becomes a request, or the reason why not.
//
// The envelope is checked whole before anything is built: an unknown field is refused, since a
// misspelt `timeout_ms` that was ignored would be a request without a deadline. Text of the request
// appears in an answer only as a JSON value in `error`, never in a sentence.
#include <cstdint>
#include <utility>

#include "request_reader.hpp"
#include "uds/message.hpp"

namespace uds {
namespace {

constexpr std::size_t kMaxFieldBytes = 128;

Rejection bad_frame(std::size_t offset, const std::string& reason) {
  Json details = Json::object();
  details["offset"] = offset;
  details["reason"] = reason;
  std::string message = "This is no acceptable JSON object (" + reason + ", byte " +
                        std::to_string(offset) + "). Send one JSON object per message.";
  return {RequestId(), Response::error(Code::BadFrame, std::move(message), std::move(details))};
}

/// At most kMaxFieldBytes of `name`, cut between two characters.
std::string shortened(std::string_view name) {
  if (name.size() <= kMaxFieldBytes) return std::string(name);
  std::size_t size = kMaxFieldBytes;
  while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xC0U) == 0x80U) --size;
  return std::string(name.substr(0, size));
}

/// Checks the members of one JSON object and moves them into a Request.
class EnvelopeReader {
 public:
  explicit EnvelopeReader(Json& envelope) : members_(envelope.get_ref<Json::object_t&>()) {}

  Result<Request, Rejection> read() {
    const Json* id_field = find("id");
    if (id_field != nullptr) {
      if (auto id = RequestId::from_json(*id_field)) id_ = *std::move(id);
    }
    if (const Json* method = find("method")) return method_rejection(*method);
    for (const auto& [name, value] : members_) {
      if (!is_known(name)) {
        return bad_request(name,
                           "The request has a field that this protocol does not define. Remove "
                           "it, or begin its name with x- to have it ignored.");
      }
    }
    // null is no id of a request: it is what a response carries that has none.
    if (id_field != nullptr && !id_.present()) {
      return bad_request("id",
                         "The id must be a string of at most 128 bytes or an integer between "
                         "-(2^53-1) and 2^53-1. Correct it, or leave it out.");
    }
    return read_fields();
  }

 private:
  Result<Request, Rejection> read_fields() {
    Request request(std::string{});
    if (auto rejection = read_command(request)) return *std::move(rejection);
    if (Json* args = find("args")) {
      if (!args->is_object()) return bad_request("args", "The field args must be an object.");
      request.args = std::move(*args);
    }
    if (const Json* timeout = find("timeout_ms")) {
      const auto milliseconds = read_timeout(*timeout);
      if (!milliseconds) {
        return bad_request("timeout_ms",
                           "The field timeout_ms must be an integer from 1 to 2147483647.");
      }
      request.timeout = milliseconds;
    }
    if (const Json* detach = find("detach")) {
      if (!detach->is_boolean()) {
        return bad_request("detach", "The field detach must be true or false.");
      }
      request.detach = detach->get<bool>();
    }
    request.id = std::move(id_);
    return request;
  }

  std::optional<Rejection> read_command(Request& request) const {
    Json* cmd = find("cmd");
    Json* message = find("message");
    if (cmd == nullptr && message == nullptr) {
      return bad_request("cmd",
                         "The request names no command. Add the field cmd, such as "
                         "\"cmd\":\"ping\".");
    }
    if (cmd == nullptr) {
      if (!message->is_string()) {
        return bad_request("message", "The field message must be a string.");
      }
      request.cmd = "message";
      request.message = std::move(message->get_ref<std::string&>());
      return std::nullopt;
    }
    if (message != nullptr) {
      return bad_request("message",
                         "The field message is only for requests without cmd. Put "
                         "what the command needs into args.");
    }
    if (!cmd->is_string() || !is_command_name(cmd->get_ref<const std::string&>())) {
      return bad_request("cmd",
                         "The field cmd must be a command name: small letters, digits, "
                         "_ and - in parts that begin with a letter, joined by dots, at "
                         "most 128 bytes.");
    }
    request.cmd = std::move(cmd->get_ref<std::string&>());
    return std::nullopt;
  }

  static std::optional<std::chrono::milliseconds> read_timeout(const Json& value) {
    // Every integer of JSON from 0 upwards is read as unsigned.
    if (!value.is_number_unsigned()) return std::nullopt;
    const auto count = value.get<std::uint64_t>();
    if (count < 1 || count > static_cast<std::uint64_t>(Request::kMaxTimeout.count()))
      return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(count));
  }

  Rejection method_rejection(const Json& method) const {
    Rejection rejection = bad_request("method",
                                      "The field method is reserved for Varlink, which is not "
                                      "served here. Name the command in the field cmd.");
    if (find("cmd") == nullptr && method.is_string()) {
      rejection.varlink_method = method.get<std::string>();
    }
    return rejection;
  }

  Rejection bad_request(std::string_view field, std::string message) const {
    Json details = Json::object();
    details["field"] = shortened(field);
    Rejection rejection(id_,
                        Response::error(Code::BadRequest, std::move(message), std::move(details)));
    rejection.attributed = true;
    return rejection;
  }

  static bool is_known(std::string_view name) {
    return name == "id" || name == "cmd" || name == "args" || name == "timeout_ms" ||
           name == "detach" || name == "message" || name.starts_with("x-") ||
           name.starts_with("x_");
  }

  Json* find(const char* name) const {
    const auto member = members_.find(name);
    return member == members_.end() ? nullptr : &member->second;
  }

  Json::object_t& members_;
  RequestId id_;  // set when it was readable
};

}  // namespace

Result<Request, Rejection> parse_request(std::string_view text, const Limits& limits) {
  Request request{std::string()};
  if (detail::read_request(text, false, limits, request)) return request;
  return detail::judge_request(text, limits);
}

Result<Request, Rejection> detail::judge_request(std::string_view text, const Limits& limits) {
  Result<Json, JsonError> parsed = parse_json(text, limits);
  if (!parsed) return bad_frame(parsed.error().offset, parsed.error().reason);
  if (!parsed->is_object()) return bad_frame(0, "not an object");
  return EnvelopeReader(*parsed).read();
}

}  // namespace uds
