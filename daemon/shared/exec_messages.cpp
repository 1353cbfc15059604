// Bodies of exec_messages.hpp. A message is the index of its kind as a byte, then its fields in
// order, each as four bytes of length (little endian) and that many bytes; numbers and flags are
// decimal texts.
#include "shared/exec_messages.hpp"

#include <charconv>
#include <utility>
#include <vector>

namespace udsd::exec_messages {
namespace {

using Fields = std::vector<std::string>;

constexpr std::size_t kLengthBytes = 4;

template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<bool> flag(const std::string& text) {
  if (text == "0") return false;
  if (text == "1") return true;
  return std::nullopt;
}

// One pair for each kind: its fields, and back.

Fields fields_of(const Start& start) {
  Fields out{start.command,
             start.hash,
             start.request,
             start.timeout ? std::to_string(start.timeout->count()) : std::string(),
             start.detach ? "1" : "0",
             start.queued ? "1" : "0"};
  for (const auto& [name, texts] : start.arguments) {
    out.push_back(name);
    out.push_back(std::to_string(texts.size()));
    out.insert(out.end(), texts.begin(), texts.end());
  }
  return out;
}
Fields fields_of(const Go& /*go*/) {
  return {};
}
Fields fields_of(const Cancel& cancel) {
  return {std::to_string(static_cast<int>(cancel.reason)), std::to_string(cancel.signal),
          std::to_string(cancel.by)};
}
Fields fields_of(const Refused& refused) {
  return {refused.code, refused.message, refused.rule};
}
Fields fields_of(const Accepted& accepted) {
  return {accepted.run};
}
Fields fields_of(const Started& /*started*/) {
  return {};
}
Fields fields_of(const Grown& /*grown*/) {
  return {};
}
Fields fields_of(const Ended& /*ended*/) {
  return {};
}

constexpr std::size_t kStartFields = 6;

/// The arguments stand behind the other fields: a name, how many texts, the texts.
std::optional<ArgumentTexts> read_arguments(Fields& fields) {
  ArgumentTexts out;
  for (std::size_t at = kStartFields; at < fields.size();) {
    if (fields.size() - at < 2) return std::nullopt;
    std::string& name = fields[at];
    const auto count = number<std::size_t>(fields[at + 1]);
    at += 2;
    if (!count || *count > fields.size() - at) return std::nullopt;
    const auto [position, added] = out.try_emplace(std::move(name));
    if (!added) return std::nullopt;
    for (std::size_t end = at + *count; at < end; ++at)
      position->second.push_back(std::move(fields[at]));
  }
  return out;
}

// Each takes `fields` into `out`, or returns false. By reference: GCC 12 warns of a variant of
// texts that is returned in an optional.

bool read(Fields& fields, Start& out) {
  if (fields.size() < kStartFields) return false;
  out.command = std::move(fields[0]);
  out.hash = std::move(fields[1]);
  out.request = std::move(fields[2]);
  if (!fields[3].empty()) {
    const auto ms = number<std::int64_t>(fields[3]);
    if (!ms || *ms < 0) return false;
    out.timeout = std::chrono::milliseconds(*ms);
  }
  const auto detach = flag(fields[4]);
  const auto queued = flag(fields[5]);
  auto arguments = read_arguments(fields);
  if (!detach || !queued || !arguments) return false;
  out.detach = *detach;
  out.queued = *queued;
  out.arguments = *std::move(arguments);
  return true;
}

bool read(Fields& fields, Cancel& out) {
  if (fields.size() != 3) return false;
  const auto reason = number<int>(fields[0]);
  const auto signal = number<int>(fields[1]);
  const auto by = number<uid_t>(fields[2]);
  constexpr int kLast = static_cast<int>(Cancel::Reason::Disconnected);
  if (!reason || *reason < 0 || *reason > kLast || !signal || *signal < 1 || *signal > 31 || !by)
    return false;
  out = {static_cast<Cancel::Reason>(*reason), *signal, *by};
  return true;
}

bool read(Fields& fields, Refused& out) {
  if (fields.size() != 3) return false;
  out = {std::move(fields[0]), std::move(fields[1]), std::move(fields[2])};
  return true;
}

bool read(Fields& fields, Accepted& out) {
  if (fields.size() != 1) return false;
  out.run = std::move(fields[0]);
  return true;
}

template <class Empty>
bool read(Fields& fields, Empty& /*out*/) {
  return fields.empty();
}

template <std::size_t Index = 0>
bool read_kind(std::size_t kind, Fields& fields, Message& out) {
  if constexpr (Index == std::variant_size_v<Message>)
    return false;
  else if (kind == Index)
    return read(fields, out.emplace<Index>());
  else
    return read_kind<Index + 1>(kind, fields, out);
}

/// Takes `packet` apart; nothing if its lengths do not fit it.
std::optional<Fields> split(std::string_view packet) {
  Fields fields;
  while (!packet.empty()) {
    if (packet.size() < kLengthBytes) return std::nullopt;
    std::size_t size = 0;
    for (std::size_t at = 0; at < kLengthBytes; ++at)
      size |= std::size_t{static_cast<unsigned char>(packet[at])} << (8 * at);
    packet.remove_prefix(kLengthBytes);
    if (size > packet.size()) return std::nullopt;
    fields.emplace_back(packet.substr(0, size));
    packet.remove_prefix(size);
  }
  return fields;
}

}  // namespace

std::string encode(const Message& message) {
  std::string out(1, static_cast<char>(message.index()));
  const Fields fields = std::visit([](const auto& kind) { return fields_of(kind); }, message);
  for (const std::string& field : fields) {
    for (std::size_t at = 0; at < kLengthBytes; ++at)
      out += static_cast<char>(field.size() >> (8 * at));
    out += field;
  }
  return out;
}

uds::Result<Message, std::string> decode(std::string_view packet) {
  if (packet.empty()) return std::string("an empty packet");
  uds::Result<Message, std::string> message = Message(Go{});
  auto fields = split(packet.substr(1));
  if (!fields || !read_kind(static_cast<unsigned char>(packet.front()), *fields, *message))
    return std::string("a packet that is no message");
  return message;
}

}  // namespace udsd::exec_messages
