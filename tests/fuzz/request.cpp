// Fuzzes parse_request: what it accepts can be written and read again without a change, and what it
// refuses has an answer that a client can read.
#include "fuzz.hpp"
#include "request_reader.hpp"
#include "uds/message.hpp"

namespace {

using uds_fuzz::check;

/// Empty arguments and absent ones mean the same; the first are written as the second.
bool same_args(const uds::Json& a, const uds::Json& b) {
  return a == b || (a.empty() && b.empty());
}

void check_accepted(const uds::Request& request) {
  check(uds::is_command_name(request.cmd), "the command has a name");
  check(request.args.is_object() || request.args.is_null(), "args are an object or absent");
  check(!request.timeout || request.timeout->count() >= 1, "a deadline is in the future");
  check(!request.message || request.cmd == "message", "only the original clients send a message");

  const std::string text = request.to_text();
  check(text.find_first_of(std::string_view("\n\0", 2)) == std::string::npos,
        "a serialised request holds no terminator");
  const auto again = uds::parse_request(text);
  check(again.has_value(), "a serialised request is acceptable");
  check(again->id == request.id && again->cmd == request.cmd &&
            same_args(again->args, request.args) && again->timeout == request.timeout &&
            again->detach == request.detach && again->message == request.message,
        "a request survives writing and reading");
  check(again->to_text() == text, "a request is always written in the same way");
}

void check_refused(const uds::Rejection& rejection) {
  const std::string_view code = rejection.response.code();
  check(code == "bad_frame" || code == "bad_request", "a refusal says what kind it is");
  check(rejection.attributed == (code == "bad_request"), "only a bad_request belongs to a request");
  check(rejection.attributed || !rejection.id.present(), "a bad_frame names no id");

  std::string text;
  rejection.response.append_to(text, rejection.id, rejection.attributed ? 1 : 0);
  check(text.size() < 8192, "a refusal does not repeat what was sent");
  check(text.find_first_of(std::string_view("\n\0", 2)) == std::string::npos,
        "a serialised response holds no terminator");
  const auto read = uds::Response::parse(text);
  check(read.has_value() && read->code() == code && read->id() == rejection.id,
        "a client can read the refusal");
}

/// What is written is what nlohmann/json writes.
void check_writing(std::string_view text) {
  std::string written;
  uds::append_json_string(written, text);
  const auto dumped = [](const uds::Json& value) {
    return value.dump(-1, ' ', false, uds::Json::error_handler_t::replace);
  };
  check(written == dumped(uds::Json(std::string(text))), "a string is written as by dump()");
  if (const auto parsed = uds::parse_json(text))
    check(uds::to_json_text(*parsed) == dumped(*parsed), "a value is written as by dump()");
}

/// The short ways accept nothing that the strict parser refuses, and read it in the same way.
void check_short_way(std::string_view text) {
  uds::Request short_way{std::string()};
  if (!uds::detail::read_request(text, false, {}, short_way)) return;
  const uds::Request* const request = &short_way;
  const auto parsed = uds::parse_json(text);
  check(parsed.has_value() && parsed->is_object(), "the strict parser accepts it too");
  const uds::Json& whole = *parsed;
  check(whole.value("cmd", uds::Json()) == request->cmd, "both read the same command");
  check(whole.value("id", uds::Json()) == request->id.to_json(), "both read the same id");
  check(whole.value("timeout_ms", 0) ==
            request->timeout.value_or(std::chrono::milliseconds(0)).count(),
        "both read the same deadline");
  const uds::Json args = whole.value("args", uds::Json());
  check(uds::to_json_text(args) == uds::to_json_text(request->args), "both read the same args");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_writing(uds_fuzz::text_of(data, size));
  check_short_way(uds_fuzz::text_of(data, size));
  const auto request = uds::parse_request(uds_fuzz::text_of(data, size));
  if (request)
    check_accepted(*request);
  else
    check_refused(request.error());
  return 0;
}
