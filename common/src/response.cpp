// Builds, writes and reads responses.
//
// Writing appends text in the protocol's key order instead of building a value first: a stream of
// PROCESSING is the hottest path of a server. Reading is strict about the fields that programs act
// on, and ignores those it does not know.
#include <algorithm>
#include <utility>

#include "base64.hpp"
#include "escaped_text.hpp"
#include "plain_output.hpp"
#include "text_writer.hpp"
#include "uds/message.hpp"
#include "utf8.hpp"

namespace uds {
namespace {

using detail::TextWriter;

const Json& or_null(const std::optional<Json>& value) noexcept {
  static const Json none;
  return value ? *value : none;
}

/// The values of a response that carries output.
constexpr std::size_t kOutputValues = 10;

/// Absent and null mean the same in a response.
Json* find(Json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() || member->is_null() ? nullptr : &*member;
}

std::optional<Status> read_status(const Json* field) {
  if (field == nullptr || !field->is_string()) return std::nullopt;
  const auto& text = field->get_ref<const std::string&>();
  for (const Status status : {Status::Ok, Status::Error, Status::Processing}) {
    if (text == to_string(status)) return status;
  }
  return std::nullopt;
}

bool is_int64(const Json& value) {
  if (value.is_number_unsigned()) return std::in_range<std::int64_t>(value.get<std::uint64_t>());
  return value.is_number_integer();
}

std::optional<Progress> read_progress(Json& value) {
  if (!value.is_object()) return std::nullopt;
  const Json* current = find(value, "current");
  const Json* total = find(value, "total");
  Json* unit = find(value, "unit");
  if (current == nullptr || !is_int64(*current)) return std::nullopt;
  if (total != nullptr && !is_int64(*total)) return std::nullopt;
  if (unit == nullptr || !unit->is_string()) return std::nullopt;
  Progress progress;
  progress.current = current->get<std::int64_t>();
  if (total != nullptr) progress.total = total->get<std::int64_t>();
  progress.unit = std::move(unit->get_ref<std::string&>());
  return progress;
}

std::optional<Output> read_output(Json& value) {
  if (!value.is_object()) return std::nullopt;
  const Json* stream = find(value, "stream");
  Json* text = find(value, "text");
  const Json* coded = find(value, "base64");
  if (stream == nullptr || !stream->is_string()) return std::nullopt;
  Output output;
  if (stream->get_ref<const std::string&>() == to_string(Output::Stream::Stderr))
    output.stream = Output::Stream::Stderr;
  else if (stream->get_ref<const std::string&>() != to_string(Output::Stream::Stdout))
    return std::nullopt;
  if (text != nullptr && text->is_string()) {
    output.bytes = std::move(text->get_ref<std::string&>());
    return output;
  }
  if (coded == nullptr || !coded->is_string()) return std::nullopt;
  auto bytes = detail::from_base64(coded->get_ref<const std::string&>());
  if (!bytes) return std::nullopt;
  output.bytes = *std::move(bytes);
  return output;
}

[[gnu::noinline]] void put_escaped(TextWriter& out, std::string_view text) {
  std::string escaped;
  append_json_string(escaped, text);
  out.put(escaped);
}

[[gnu::hot, gnu::noinline]] void put_any_string(TextWriter& out, std::string_view text) {
  if (detail::plain_length(text) < text.size()) return put_escaped(out, text);
  out.put('"');
  out.put(text);
  out.put('"');
}

/// A call: the compiler would copy it to each place, which is slower. The short ones have it for
/// themselves, since what the others need would be set up for them, too.
[[gnu::hot, gnu::noinline]] void put_string(TextWriter& out, std::string_view text) {
  if (!out.put_short_string(text)) put_any_string(out, text);
}

/// What stands between the id and the message: literals, which cost no call.
void put_status(TextWriter& out, Status status) {
  switch (status) {
    case Status::Ok:
      return out.put(R"(,"status":"OK","message":)");
    case Status::Error:
      return out.put(R"(,"status":"ERROR","message":)");
    case Status::Processing:
      break;
  }
  out.put(R"(,"status":"PROCESSING","message":)");
}

void put_id(TextWriter& out, const RequestId& id) {
  if (const std::int64_t* number = id.number())
    out.put(*number);
  else if (const std::string* text = id.text())
    put_string(out, *text);
  else
    out.put("null");
}

void put_progress(TextWriter& out, const Progress& progress) {
  out.put(R"(,"progress":{"current":)");
  out.put(progress.current);
  out.put(R"(,"total":)");
  if (progress.total)
    out.put(*progress.total);
  else
    out.put("null");
  out.put(R"(,"unit":)");
  put_string(out, progress.unit);
  out.put('}');
}

/// Whether `bytes` travel as text: they are UTF-8, and are no long row of controls, each of which
/// would take six bytes.
bool is_readable(std::string_view bytes) {
  constexpr std::size_t kSample = 512;
  const std::string_view begin = bytes.substr(0, kSample);
  const auto controls = std::ranges::count_if(begin, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
  const bool mostly_controls =
      begin.size() >= 64 && static_cast<std::size_t>(controls) * 2 > begin.size();
  return !mostly_controls && detail::valid_utf8_length(bytes) == bytes.size();
}

void append_output(std::string& out, const Output& output) {
  out += R"(,"output":{"stream":")";
  out += to_string(output.stream);
  if (is_readable(output.bytes)) {
    out += R"(","text":)";
    detail::append_escaped(out, output.bytes);
  } else {
    out += R"(","base64":")";
    detail::append_base64(out, output.bytes);
    out += '"';
  }
  out += '}';
}

bool is_error(Json& value) {
  if (!value.is_object()) return false;
  const Json* code = find(value, "code");
  const Json* retryable = find(value, "retryable");
  return code != nullptr && code->is_string() && (retryable == nullptr || retryable->is_boolean());
}

}  // namespace

Response Response::ok(Json data) {
  return ok("OK", std::move(data));
}

[[gnu::hot]] Response Response::ok(std::string message, Json data) {
  Response response(Status::Ok, std::move(message));
  if (!data.is_null()) response.data_ = std::move(data);
  return response;
}

Response Response::processing(std::string message, Json data) {
  Response response(Status::Processing, std::move(message));
  response.with_data(std::move(data));
  return response;
}

Response Response::progress(std::int64_t current, std::optional<std::int64_t> total,
                            std::string unit, std::string message) {
  if (message.empty()) {
    message = std::to_string(current);
    if (total) message += " of " + std::to_string(*total);
    if (!unit.empty()) message += " " + unit;
  }
  Response response(Status::Processing, std::move(message));
  response.progress_.emplace();
  response.progress_->current = current;
  response.progress_->total = total;
  response.progress_->unit = std::move(unit);
  return response;
}

Response Response::output(Output::Stream stream, std::string bytes) {
  Response response(Status::Processing, std::string(to_string(stream)));
  response.output_.emplace();
  response.output_->stream = stream;
  response.output_->bytes = std::move(bytes);
  return response;
}

Response Response::error(Code code, std::string message, Json details) {
  Response response(Status::Error, std::move(message));
  response.error_ = details.is_object() ? std::move(details) : Json::object();
  (*response.error_)["code"] = to_string(code);
  return std::move(response.with_retryable(code == Code::Busy || code == Code::ShuttingDown));
}

Response& Response::with_retryable(bool value) {
  if (status_ != Status::Error) return *this;
  if (!error_) error_ = Json::object();
  (*error_)["retryable"] = value;
  return *this;
}

Response& Response::with_data(Json data) {
  data_.reset();
  if (!data.is_null()) data_ = std::move(data);
  return *this;
}

const Json& Response::data() const noexcept {
  return or_null(data_);
}

const Json& Response::error() const noexcept {
  return or_null(error_);
}

std::string_view Response::code() const noexcept {
  if (!error_) return {};
  const auto member = error_->find("code");
  if (member == error_->end() || !member->is_string()) return {};
  return member->get_ref<const std::string&>();
}

[[gnu::hot]] void Response::append_to(std::string& out, const RequestId& id,
                                      std::uint64_t seq) const {
  TextWriter text(out);
  text.put(R"({"id":)");
  put_id(text, id);
  put_status(text, status_);
  put_string(text, message_);
  if (seq != 0) {
    text.put(R"(,"seq":)");
    text.put(seq);
  }
  if (progress_) put_progress(text, *progress_);
  if (output_) {
    text.finish();
    append_output(out, *output_);
  }
  const auto put_present = [&](std::string_view key, const std::optional<Json>& value) {
    if (!value || value->is_null()) return;  // null: moved from
    text.put(key);
    text.finish();
    append_json(out, *value);
  };
  put_present(R"(,"data":)", data_);
  put_present(R"(,"error":)", error_);
  text.put('}');
  text.finish();
}

Result<Response, std::string> Response::parse(std::string_view text, const Limits& limits) {
  const bool roomy = limits.json_depth >= 2 && limits.json_values >= kOutputValues;
  if (auto plain = roomy ? detail::read_plain_output(text) : std::nullopt) {
    Response response = output(plain->output.stream, std::move(plain->output.bytes));
    response.id_ = std::move(plain->id);
    response.seq_ = plain->seq;
    if (plain->event) {
      Json data = Json::object();
      data["event"] = *plain->event;
      response.data_ = std::move(data);
    }
    return response;
  }
  Result<Json, JsonError> parsed = parse_json(text, limits);
  if (!parsed) {
    return parsed.error().reason + " at byte " + std::to_string(parsed.error().offset);
  }
  Json& object = *parsed;
  if (!object.is_object()) return std::string("not an object");

  const std::optional<Status> status = read_status(find(object, "status"));
  if (!status) return std::string("status is not PROCESSING, OK or ERROR");
  Json* message = find(object, "message");
  if (message == nullptr || !message->is_string()) return std::string("message is not a string");
  Response response(*status, std::move(message->get_ref<std::string&>()));

  if (Json* field = find(object, "id")) {
    auto id = RequestId::from_json(*field);
    if (!id) return std::string("id is neither a short string nor an integer within 2^53-1");
    response.id_ = *std::move(id);
  }
  if (Json* field = find(object, "seq")) {
    if (!field->is_number_unsigned() || field->get<std::uint64_t>() == 0) {
      return std::string("seq is not an integer from 1");
    }
    response.seq_ = field->get<std::uint64_t>();
  }
  if (Json* field = find(object, "data")) response.data_ = std::move(*field);
  if (Json* field = find(object, "progress")) {
    response.progress_ = read_progress(*field);
    if (!response.progress_) return std::string("progress is malformed");
  }
  if (Json* field = find(object, "output")) {
    response.output_ = read_output(*field);
    if (!response.output_) return std::string("output is malformed");
  }
  if (Json* field = find(object, "error"); field != nullptr && *status == Status::Error) {
    if (!is_error(*field)) return std::string("error is malformed");
    response.error_ = std::move(*field);
  }
  return response;
}

}  // namespace uds
