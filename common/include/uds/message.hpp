// Requests and responses: what a frame means (docs/protocol.md, "Request", "Response", "Error
// codes").
//
// Pure values with one parser and one serialiser each. A Response carries neither id nor seq of its
// own accord: the session adds them when it is sent, so a handler can get neither wrong.
#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "uds/frame.hpp"
#include "uds/json.hpp"
#include "uds/limits.hpp"
#include "uds/result.hpp"

namespace uds {

/// Stable error codes of the protocol; programs match these, never a message.
enum class Code {
  BadFrame,          ///< not one acceptable JSON object, or not finished in time
  TooLarge,          ///< the message has more bytes than allowed
  BadRequest,        ///< a field is missing, unknown, or of the wrong type
  UnknownCommand,    ///< there is no such command for this caller
  InvalidArgs,       ///< the arguments do not fit the command
  PermissionDenied,  ///< the caller may not run it
  DuplicateId,       ///< the id is in use on this connection
  NotFound,          ///< what the arguments name does not exist for this caller
  Busy,              ///< a limit is reached; try later
  DeadlineExceeded,  ///< `timeout_ms` ran out
  Cancelled,         ///< cancelled by the caller
  ShuttingDown,      ///< the server is stopping
  CommandFailed,     ///< the command ran and failed
  OutputLimit,       ///< the command wrote more than it may
  Internal,          ///< a bug in the server; its log has more
};
/// The code as it stands on the wire, such as "bad_frame".
std::string_view to_string(Code code) noexcept;

/// What a response is. Ok and Error are final: each request gets exactly one of them.
enum class Status { Ok, Error, Processing };
/// The status as it stands on the wire, such as "OK".
std::string_view to_string(Status status) noexcept;

/// The id of a request: none, an integer within ±(2^53-1), or a string of at most 128 bytes. 1 and
/// "1" differ.
class RequestId {
 public:
  /// The longest text that is an id.
  static constexpr std::size_t kMaxBytes = 128;
  /// Beyond it a reader that knows only doubles sees another id (RFC 8259, section 6).
  static constexpr std::int64_t kMaxNumber = (std::int64_t{1} << 53) - 1;

  /// No id: the request is answered in order.
  RequestId() = default;
  ///@{
  /// An id; within the bounds above, or the server answers `bad_request`.
  // NOLINTNEXTLINE(google-explicit-constructor)
  RequestId(std::int64_t number) : kind_(Kind::Number), number_(number) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  RequestId(std::string text) : text_(std::move(text)), kind_(Kind::Text) {}
  ///@}

  /// Makes it the id `text`, in the memory that it has.
  void assign(std::string_view text) {
    text_ = text;
    kind_ = Kind::Text;
    number_ = 0;
  }

  /// The id in `value`, or nothing if it is neither a string nor an integer within the bounds. Null
  /// means "none".
  static std::optional<RequestId> from_json(const Json& value);
  /// A number, a string, or null for "none".
  [[nodiscard]] Json to_json() const;
  /// Appends what to_json() is, as text.
  void append_to(std::string& out) const;

  ///@{
  /// The number or the text, where the id is one; else null. Valid as long as the id.
  [[nodiscard]] const std::int64_t* number() const noexcept {
    return kind_ == Kind::Number ? &number_ : nullptr;
  }
  [[nodiscard]] const std::string* text() const noexcept {
    return kind_ == Kind::Text ? &text_ : nullptr;
  }
  ///@}

  /// Whether there is an id.
  [[nodiscard]] bool present() const noexcept { return kind_ != Kind::None; }
  /// Compares; a number never equals a text.
  auto operator<=>(const RequestId&) const = default;

 private:
  enum class Kind : std::uint8_t { None, Number, Text };

  // Members that are not meant are as here, so that comparing one by one is right.
  std::string text_;  // first: only its assignment can fail
  Kind kind_ = Kind::None;
  std::int64_t number_ = 0;
};

/// One request. Build it with a command name and arguments; the rest is optional.
class Request {
 public:
  /// The longest timeout that the protocol knows.
  static constexpr std::chrono::milliseconds kMaxTimeout{2'147'483'647};

  /// A request without arguments.
  explicit Request(std::string command) : cmd(std::move(command)) {}
  /// `arguments`: an object, or null for none.
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

  RequestId id;                                      ///< see with_id()
  std::string cmd;                                   ///< the name of the command
  Json args;                                         ///< an object; null where there are none
  std::optional<std::chrono::milliseconds> timeout;  ///< see with_timeout()
  bool detach = false;  ///< run on without the client; for commands that are detachable()

  /// Only in requests of the original clients, which have no `cmd`: `cmd` is then "message".
  std::optional<std::string> message;
};

/// How far a request has come.
struct Progress {
  std::int64_t current = 0;           ///< steps that are done
  std::optional<std::int64_t> total;  ///< nothing where it is not known
  std::string unit;                   ///< what is counted, such as "files"

  /// Whether all three are equal.
  bool operator==(const Progress&) const = default;
};

/// A piece of what a command writes.
struct Output {
  /// Which of its two outputs.
  enum class Stream { Stdout, Stderr };
  Stream stream = Stream::Stdout;  ///< where it was written
  std::string bytes;               ///< as they were written, UTF-8 or not

  /// Whether both are equal.
  bool operator==(const Output&) const = default;
};
/// The stream as it stands on the wire, such as "stdout".
std::string_view to_string(Output::Stream stream) noexcept;

/// One response: PROCESSING, or the final OK or ERROR.
class Response {
 public:
  /// The final OK with a result, or null for none.
  static Response ok(Json data = nullptr);
  /// The same with a text for people.
  static Response ok(std::string message, Json data);
  /// The same without a result: for nullptr itself, not for a 0.
  template <std::same_as<std::nullptr_t> Nothing>
  static Response ok(std::string message, Nothing) {
    return Response(Status::Ok, std::move(message));
  }
  /// A PROCESSING with a text for people, and maybe a partial result.
  static Response processing(std::string message, Json data = nullptr);
  /// PROCESSING with `progress`. No `total` means that it is not known. `message` may be empty: one
  /// is made up.
  static Response progress(std::int64_t current, std::optional<std::int64_t> total,
                           std::string unit, std::string message = {});
  /// PROCESSING with a piece of output; bytes that are no UTF-8 travel as base64. The message is
  /// the name of the stream.
  static Response output(Output::Stream stream, std::string bytes);
  /// The final ERROR. `message`: one sentence for people. `details` (an object or null) joins
  /// `code` and `retryable` in the `error` field.
  static Response error(Code code, std::string message, Json details = nullptr);

  /// Says whether the caller may repeat the request. Set from the code; true only where nothing was
  /// started.
  Response& with_retryable(bool value);

  /// Replaces the result; null takes it away.
  Response& with_data(Json data);

  /// OK, ERROR or PROCESSING.
  [[nodiscard]] Status status() const noexcept { return status_; }
  /// Whether it is the last one of its request.
  [[nodiscard]] bool final() const noexcept { return status_ != Status::Processing; }
  /// The text for people; no program should parse it.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  /// The result, whole or partial; null where there is none.
  [[nodiscard]] const Json& data() const noexcept;
  /// Of a PROCESSING that reports progress; else empty.
  [[nodiscard]] const std::optional<Progress>& progress() const noexcept { return progress_; }
  /// Of a PROCESSING that carries output; else empty.
  [[nodiscard]] const std::optional<Output>& output() const noexcept { return output_; }
  /// `{"code","retryable",…}` of an ERROR, else null.
  [[nodiscard]] const Json& error() const noexcept;
  /// The error code as text; empty unless ERROR. Text, since a newer server may send codes this
  /// library lacks.
  [[nodiscard]] std::string_view code() const noexcept;
  /// The id of the request that it answers, where it was read; one made here has none.
  [[nodiscard]] const RequestId& id() const noexcept { return id_; }
  /// The number within its request, from 1. 0 where the response carries none.
  [[nodiscard]] std::uint64_t seq() const noexcept { return seq_; }

  /// Appends the response as one line of JSON without a terminator, keys in the order of the
  /// protocol, as an answer to the request `id`. `seq` 0 leaves the number out.
  void append_to(std::string& out, const RequestId& id, std::uint64_t seq) const;
  /// The same with the id and number that it was read with; without any where it was made here.
  void append_to(std::string& out) const { append_to(out, id_, seq_); }

  /// Reads a response of any protocol-1 server, the original ones included. Unknown fields are
  /// ignored. The error is a clause that says what is wrong with the text.
  static Result<Response, std::string> parse(std::string_view text, const Limits& limits = {});

 private:
  explicit Response(Status status, std::string&& message)
      : status_(status), message_(std::move(message)) {}

  Status status_;
  RequestId id_;
  std::uint64_t seq_ = 0;
  std::string message_;
  // Most have neither a result nor an error, and destroying a null Json costs more than a look.
  std::optional<Json> data_;
  std::optional<Progress> progress_;
  std::optional<Output> output_;
  std::optional<Json> error_;
};

/// A frame that is no acceptable request: the ERROR to answer, and the id to answer it with where
/// that was readable.
class Rejection {
 public:
  /// A bad_frame by default; `attributed` makes it a bad_request.
  Rejection(RequestId request_id, Response answer)
      : id(std::move(request_id)), response(std::move(answer)) {}

  RequestId id;       ///< where it was readable
  Response response;  ///< what to answer

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
