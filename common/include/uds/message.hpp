// Requests and responses: what a frame means (docs/protocol.md, "Request", "Response", "Error
// codes").
//
// Pure values with one parser and one serialiser each. A Response carries neither id nor seq of its
// own accord: the session adds them when it is sent, so a handler can get neither wrong.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "uds/frame.hpp"
#include "uds/json.hpp"
#include "uds/limits.hpp"
#include "uds/result.hpp"

namespace uds {

/// Stable error codes of the protocol; programs match these, never a message.
enum class Code {
  BadFrame,
  TooLarge,
  BadRequest,
  UnknownCommand,
  InvalidArgs,
  PermissionDenied,
  DuplicateId,
  NotFound,
  Busy,
  DeadlineExceeded,
  Cancelled,
  ShuttingDown,
  CommandFailed,
  OutputLimit,
  Internal,
};
/// The code as it stands on the wire, such as "bad_frame".
std::string_view to_string(Code code) noexcept;

enum class Status { Ok, Error, Processing };
std::string_view to_string(Status status) noexcept;

/// The id of a request: none, an integer within ±(2^53-1), or a string of at most 128 bytes. 1 and
/// "1" differ.
class RequestId {
 public:
  static constexpr std::size_t kMaxBytes = 128;
  /// Beyond it a reader that knows only doubles sees another id (RFC 8259, section 6).
  static constexpr std::int64_t kMaxNumber = (std::int64_t{1} << 53) - 1;

  RequestId() = default;
  // NOLINTNEXTLINE(google-explicit-constructor)
  RequestId(std::int64_t number) : value_(number) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  RequestId(std::string text) : value_(std::move(text)) {}

  /// The id in `value`, or nothing if it is neither a string nor an integer within the bounds. Null
  /// means "none".
  static std::optional<RequestId> from_json(const Json& value);
  [[nodiscard]] Json to_json() const;
  void append_to(std::string& out) const;

  /// The number or the text, where the id is one; else null.
  [[nodiscard]] const std::int64_t* number() const noexcept { return std::get_if<1>(&value_); }
  [[nodiscard]] const std::string* text() const noexcept { return std::get_if<2>(&value_); }

  [[nodiscard]] bool present() const noexcept { return value_.index() != 0; }
  auto operator<=>(const RequestId&) const = default;

 private:
  std::variant<std::monostate, std::int64_t, std::string> value_;
};

/// One request. Build it with a command name and arguments; the rest is optional.
class Request {
 public:
  static constexpr std::chrono::milliseconds kMaxTimeout{2'147'483'647};

  explicit Request(std::string command) : cmd(std::move(command)) {}
  Request(std::string command, Json arguments)
      : cmd(std::move(command)), args(std::move(arguments)) {}

  /// Without it the client adds one of its own.
  Request& with_id(RequestId value) {
    id = std::move(value);
    return *this;
  }
  /// The deadline that the daemon enforces, counted from when it read the request. 1 ms to 2^31-1
  /// ms.
  Request& with_timeout(std::chrono::milliseconds value) {
    timeout = value;
    return *this;
  }
  /// One line of JSON without a terminator.
  [[nodiscard]] std::string to_text() const;

  RequestId id;
  std::string cmd;
  Json args;  ///< an object; null where there are none
  std::optional<std::chrono::milliseconds> timeout;
  bool detach = false;
  /// Only in requests of the original clients, which have no `cmd`: `cmd` is then "message".
  std::optional<std::string> message;
};

/// How far a request has come.
struct Progress {
  std::int64_t current = 0;
  std::optional<std::int64_t> total;  ///< nothing where it is not known
  std::string unit;

  bool operator==(const Progress&) const = default;
};

/// One response: PROCESSING, or the final OK or ERROR.
class Response {
 public:
  static Response ok(Json data = nullptr);
  static Response ok(std::string message, Json data);
  static Response processing(std::string message, Json data = nullptr);
  /// PROCESSING with `progress`. No `total` means that it is not known. `message` may be empty: one
  /// is made up.
  static Response progress(std::int64_t current, std::optional<std::int64_t> total,
                           std::string unit, std::string message = {});
  /// `details` (an object or null) joins `code` and `retryable` in the `error` field.
  static Response error(Code code, std::string message, Json details = nullptr);

  /// Says whether the caller may repeat the request. Set from the code; true only where nothing was
  /// started.
  Response& with_retryable(bool value);

  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] bool final() const noexcept { return status_ != Status::Processing; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const Json& data() const noexcept { return data_; }
  [[nodiscard]] const std::optional<Progress>& progress() const noexcept { return progress_; }
  /// `{"code","retryable",…}` of an ERROR, else null.
  [[nodiscard]] const Json& error() const noexcept { return error_; }
  /// The error code as text; empty unless ERROR. Text, since a newer server may send codes this
  /// library lacks.
  [[nodiscard]] std::string_view code() const noexcept;
  [[nodiscard]] const RequestId& id() const noexcept { return id_; }
  /// 0 where the response carries none.
  [[nodiscard]] std::uint64_t seq() const noexcept { return seq_; }

  /// Appends the response as one line of JSON without a terminator, keys in the order of the
  /// protocol, as an answer to the request `id`. `seq` 0 leaves the number out.
  void append_to(std::string& out, const RequestId& id, std::uint64_t seq) const;
  /// The same with the id and number that it was read with; without any where it was made here.
  void append_to(std::string& out) const { append_to(out, id_, seq_); }

  /// Reads a response of any protocol-1 server, the original ones included. Unknown fields are
  /// ignored.
  static Result<Response, std::string> parse(std::string_view text, const Limits& limits = {});

 private:
  explicit Response(Status status, std::string&& message, Json&& data)
      : status_(status), message_(std::move(message)), data_(std::move(data)) {}

  Status status_;
  RequestId id_;
  std::uint64_t seq_ = 0;
  std::string message_;
  Json data_;
  std::optional<Progress> progress_;
  Json error_;
};

/// A frame that is no acceptable request: the ERROR to answer, and the id to answer it with where
/// that was readable.
class Rejection {
 public:
  Rejection(RequestId request_id, Response answer)
      : id(std::move(request_id)), response(std::move(answer)) {}

  RequestId id;
  Response response;
  /// The `method` of an object that has one and no `cmd`: the first such message of a connection
  /// speaks Varlink.
  std::optional<std::string> varlink_method;
  /// A bad_frame belongs to no request and carries no seq; a bad_request does.
  bool attributed = false;
};

/// Reads one frame as a request. Checks everything the envelope needs, nothing about the command
/// itself.
Result<Request, Rejection> parse_request(std::string_view text, const Limits& limits = {});

/// Whether `name` is a command name: `[a-z][a-z0-9_-]*` segments joined by dots, at most 128 bytes.
bool is_command_name(std::string_view name) noexcept;

}  // namespace uds
