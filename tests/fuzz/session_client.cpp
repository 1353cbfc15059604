// Bodies of session_client.hpp: the system calls, and the comparison of answers with requests.
#include "session_client.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "fuzz.hpp"
#include "uds/message.hpp"

namespace uds_fuzz {

namespace {

using uds::Framing;
using uds::RequestId;

/// How many answers there are, or should be. Requests without an id count under the empty one.
struct Tally {
  std::map<RequestId, std::size_t> by_id;
  std::size_t unreadable = 0;  ///< records that are no requests
  std::size_t varlink = 0;
  std::size_t closing = 0;  ///< answers that the server gives of its own accord, and then closes
  Framing framing = Framing::Undecided;
};

Tally asked(std::string_view sent, const uds::Limits& limits) {
  Tally out;
  uds::FrameDecoder decoder(limits.message_bytes);
  feed(decoder, sent);
  decoder.finish();
  bool first = true;
  for (;;) {
    const auto item = decoder.next();
    if (item.event != uds::FrameDecoder::Event::Frame) break;
    const auto request = uds::parse_request(item.text, limits);
    if (request)
      ++out.by_id[request->id];
    else if (request.error().varlink_method && first)
      ++out.varlink;
    else if (request.error().attributed)
      ++out.by_id[request.error().id];
    else
      ++out.unreadable;
    first = false;
  }
  out.framing = decoder.framing();
  return out;
}

/// Reads what a server sent, frame by frame, and checks each where it stands.
class Answers {
 public:
  explicit Answers(Framing framing) : framing_(framing) {}

  void take(std::string_view text, char terminator) {
    const bool nul = terminator == '\0';
    if (text.starts_with(R"({"error":"org.varlink)")) {
      check(nul && !any_, "Varlink is answered once, first, in its own framing");
      ++tally_.varlink;
    } else {
      const auto response = uds::Response::parse(text);
      check(response.has_value(), "an answer can be read");
      const bool closing = response->seq() == 0 ? unattributed(*response) : attributed(*response);
      check(closing ? tally_.closing == 1 : nul == (framing_ != Framing::Lf),
            "an answer ends as the first message did");
    }
    any_ = true;
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] bool all_final() const { return last_seq_.empty(); }

 private:
  bool attributed(const uds::Response& response) {
    std::uint64_t& last = last_seq_[response.id()];
    check(response.seq() == last + 1, "the numbers of one request have no gap");
    last = response.seq();
    if (!response.final()) return false;
    last_seq_.erase(response.id());  // whatever has this id now belongs to a new request
    ++tally_.by_id[response.id()];
    return false;
  }

  /// Whether the answer announces the end of the connection.
  bool unattributed(const uds::Response& response) {
    check(!response.id().present() && response.status() == uds::Status::Error,
          "what belongs to no request is an ERROR");
    const std::string_view code = response.code();
    if (code == "duplicate_id") {
      const auto id = RequestId::from_json(response.error().at("id"));
      check(id && id->present(), "a duplicate is named");
      ++tally_.by_id[*id];
      return false;
    }
    if (code == "bad_frame" && response.error().value("reason", "") != "timeout") {
      ++tally_.unreadable;
      return false;
    }
    check(code == "bad_frame" || code == "too_large" || code == "busy" || code == "shutting_down",
          "only these belong to no request");
    ++tally_.closing;
    return true;
  }

  Framing framing_;
  Tally tally_;
  std::map<RequestId, std::uint64_t> last_seq_;  // of requests that have no final answer yet
  bool any_ = false;
};

}  // namespace

void SessionClient::send(std::string_view bytes) {
  if (!open() || bytes.empty()) return;
  const ssize_t count =
      ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count > 0) sent_ += bytes.substr(0, static_cast<std::size_t>(count));
}

void SessionClient::send_with_descriptors(std::string_view bytes, std::size_t descriptors) {
  if (!open()) return;
  const uds::Fd passed(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  std::array<int, 5> numbers{};
  numbers.fill(passed.get());
  const std::size_t size = std::min(descriptors, numbers.size()) * sizeof(int);
  std::string copy(bytes);
  iovec part{copy.data(), copy.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof numbers)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(size);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(header), numbers.data(), size);
  const ssize_t count = ::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count > 0) sent_ += bytes.substr(0, static_cast<std::size_t>(count));
}

void SessionClient::half_close() {
  if (open()) ::shutdown(socket_.get(), SHUT_WR);
}

void SessionClient::stop_reading() {
  if (!open()) return;
  deaf_ = true;
  ::shutdown(socket_.get(), SHUT_RD);
}

bool SessionClient::read(std::size_t most) {
  if (!waiting() || most == 0) return false;
  std::array<char, 4096> room{};
  const ssize_t count =
      ::recv(socket_.get(), room.data(), std::min(most, room.size()), MSG_DONTWAIT);
  if (count > 0) received_.append(room.data(), static_cast<std::size_t>(count));
  if (count == 0) ended_ = true;
  // The server closed without reading everything; what it had answered was read before.
  if (count < 0 && errno == ECONNRESET) ended_ = true;
  return count > 0;
}

void SessionClient::check_answers(bool complete) const {
  const Tally expected = asked(sent_, limits_);
  Answers answers(expected.framing);
  std::string_view rest = received_;
  for (;;) {
    const std::size_t end = rest.find_first_of(std::string_view("\n\0", 2));
    if (end == std::string_view::npos) break;
    answers.take(rest.substr(0, end), rest[end]);
    rest.remove_prefix(end + 1);
  }
  const Tally& got = answers.tally();
  check(
      got.closing <= 1 && got.unreadable <= expected.unreadable && got.varlink <= expected.varlink,
      "there are no more answers than questions");
  for (const auto& [id, count] : got.by_id) {
    const auto found = expected.by_id.find(id);
    check(found != expected.by_id.end() && count <= found->second,
          "each request gets at most one final answer");
  }
  if (!complete) return;
  check(rest.empty() && answers.all_final(), "answers are whole");
  check(got.by_id == expected.by_id && got.unreadable == expected.unreadable &&
            got.varlink == expected.varlink && got.closing == 0,
        "each request gets exactly one final answer");
}

}  // namespace uds_fuzz
