// Bodies of uds/router.hpp.
#include "uds/router.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "plain_text.hpp"
#include "uds/similar.hpp"

namespace uds {

namespace {

constexpr std::size_t kMaxSuggestions = 3;
/// Of a name of an argument in a sentence.
constexpr std::size_t kMostPointerBytes = 64;

Response invalid_args(const Command& command, const std::vector<schema::Violation>& violations) {
  Json list = Json::array();
  for (const auto& violation : violations) {
    Json entry = Json::object();
    entry["pointer"] = violation.pointer;
    entry["message"] = violation.message;
    list.push_back(std::move(entry));
  }
  Json details = Json::object();
  details["errors"] = std::move(list);
  std::string message = "the arguments do not fit";
  // A pointer may have names of the caller's own in it, of any length.
  const schema::Violation& first = violations.front();
  if (first.pointer.size() > 1 && first.pointer.size() <= kMostPointerBytes)
    message += ": " + first.pointer.substr(1) + " " + first.message;
  message += "; help for " + command.name() + " says what it takes";
  return Response::error(Code::InvalidArgs, std::move(message), std::move(details));
}

}  // namespace

Router::Router() : own_uid_(::geteuid()) {}

void Router::add(Command command, Handler handler) {
  std::string name = command.name();
  const auto [position, inserted] =
      entries_.try_emplace(std::move(name), std::move(command), std::move(handler));
  if (!inserted) throw std::invalid_argument("command added twice: " + position->first);
  const Entry& entry = position->second;
  if (entry.command.takes_descriptors()) taking_descriptors_.push_back(&entry);
}

bool Router::remove(std::string_view name) {
  const auto position = entries_.find(name);
  if (position == entries_.end()) return false;
  last_found_ = nullptr;
  std::erase(taking_descriptors_, &position->second);
  entries_.erase(position);
  return true;
}

bool Router::set_access(std::string_view name, Access rule) {
  const auto position = entries_.find(name);
  if (position == entries_.end()) return false;
  position->second.command.access(std::move(rule));
  return true;
}

[[gnu::hot]] bool Router::is_admin(const Peer& peer) const noexcept {
  if (is_nobody(peer.uid)) return false;
  return peer.uid == 0 || peer.uid == own_uid_ || admins_.contains(peer);
}

[[gnu::hot]] const Router::Entry* Router::find(std::string_view name) const {
  if (last_found_ != nullptr && detail::same_text(last_found_->command.name(), name))
    return last_found_;
  const auto position = entries_.find(name);
  if (position == entries_.end()) return nullptr;
  return last_found_ = &position->second;
}

[[gnu::hot]] bool Router::accepts_descriptors(const Peer& peer) const noexcept {
  return std::ranges::any_of(taking_descriptors_, [&](const Entry* entry) {
    return entry->command.access().allows(peer, is_admin(peer));
  });
}

[[gnu::hot]] Result<const Router::Entry*, Response> Router::route(Request& request,
                                                                  const Peer& peer) const {
  const Entry* entry = find(request.cmd);
  if (!entry) return unknown(request.cmd, peer);
  const bool admin = is_admin(peer);
  if (const Access& access = entry->command.access(); !access.allows(peer, admin))
    return access.hidden_from(peer, admin) ? unknown(request.cmd, peer) : denied(entry->command);
  if (request.detach && !entry->command.can_detach()) {
    Json details = Json::object();
    details["field"] = "detach";
    return Response::error(Code::BadRequest, request.cmd + " cannot be detached; leave out detach",
                           std::move(details));
  }
  const auto violations = entry->command.check(request.args);
  if (!violations.empty()) return invalid_args(entry->command, violations);
  return entry;
}

std::vector<const Router::Entry*> Router::sorted() const {
  std::vector<const Entry*> out;
  out.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) out.push_back(&entry);
  std::ranges::sort(out, {},
                    [](const Entry* entry) { return std::string_view(entry->command.name()); });
  return out;
}

Json Router::list(const Peer& peer) const {
  const bool admin = is_admin(peer);
  Json out = Json::array();
  for (const Entry* entry : sorted()) {
    if (!entry->command.access().allows(peer, admin)) continue;
    Json line = Json::object();
    line["name"] = entry->command.name();
    line["summary"] = entry->command.summary();
    out.push_back(std::move(line));
  }
  return out;
}

Response Router::denied(const Command& command) {
  Json details = Json::object();
  details["rule"] = command.access().to_string();
  return Response::error(Code::PermissionDenied,
                         "you may not run " + command.name() + "; ask the operator of this host",
                         std::move(details));
}

Response Router::unknown(std::string_view name, const Peer& peer) const {
  const bool admin = is_admin(peer);
  // help takes any text: what cannot be a name is like none, and may be long.
  if (!is_command_name(name)) name = {};
  std::vector<std::string_view> candidates;
  for (const auto& [candidate, entry] : entries_)
    if (!name.empty() && entry.command.access().allows(peer, admin))
      candidates.push_back(candidate);
  const Json suggestions = similar_names(name, candidates, kMaxSuggestions);

  std::string message = "there is no such command";
  if (suggestions.empty())
    message += "; help lists those you may use";
  else
    message += "; did you mean " + suggestions[0].get<std::string>() + "?";
  Json details = Json::object();
  details["did_you_mean"] = suggestions;
  return Response::error(Code::UnknownCommand, std::move(message), std::move(details));
}

}  // namespace uds
