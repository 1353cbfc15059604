// Bodies of uds/router.hpp.
#include "uds/router.hpp"

#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace uds {

namespace {

constexpr std::size_t kMaxSuggestions = 3;

/// Levenshtein distance; both names are at most 128 bytes.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

Response denied(const Command& command) {
  Json details = Json::object();
  details["rule"] = command.access().to_string();
  return Response::error(Code::PermissionDenied,
                         "you may not run " + command.name() + "; ask the operator of this host",
                         std::move(details));
}

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
  return Response::error(Code::InvalidArgs,
                         "the arguments do not fit; ask help for " + command.name(),
                         std::move(details));
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

bool Router::set_access(std::string_view name, Access rule) {
  const auto position = entries_.find(name);
  if (position == entries_.end()) return false;
  position->second.command.access(std::move(rule));
  return true;
}

bool Router::is_admin(const Peer& peer) const noexcept {
  if (is_nobody(peer.uid)) return false;
  return peer.uid == 0 || peer.uid == own_uid_ || admins_.contains(peer);
}

const Router::Entry* Router::find(std::string_view name) const {
  if (last_found_ != nullptr && last_found_->command.name() == name) return last_found_;
  const auto position = entries_.find(name);
  if (position == entries_.end()) return nullptr;
  return last_found_ = &position->second;
}

bool Router::accepts_descriptors(const Peer& peer) const noexcept {
  return std::ranges::any_of(taking_descriptors_, [&](const Entry* entry) {
    return entry->command.access().allows(peer, is_admin(peer));
  });
}

Result<const Router::Entry*, Response> Router::route(Request& request, const Peer& peer) const {
  const Entry* entry = find(request.cmd);
  if (!entry) return unknown(request.cmd, peer);
  if (const Access& access = entry->command.access(); !access.allows(peer, is_admin(peer)))
    return access.hidden() ? unknown(request.cmd, peer) : denied(entry->command);
  if (request.detach) {
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

Response Router::unknown(std::string_view name, const Peer& peer) const {
  const bool admin = is_admin(peer);
  // help takes any text: what cannot be a name is like none, and may be long.
  if (!is_command_name(name)) name = {};
  const std::size_t tolerance = std::max<std::size_t>(2, name.size() / 3);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const auto& [candidate, entry] : entries_) {
    if (name.empty() || !entry.command.access().allows(peer, admin)) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance <= tolerance) near.emplace_back(distance, candidate);
  }
  std::ranges::sort(near);
  Json suggestions = Json::array();
  for (const auto& [distance, candidate] : near)
    if (suggestions.size() < kMaxSuggestions) suggestions.push_back(candidate);

  std::string message = "there is no such command";
  if (suggestions.empty())
    message += "; help lists those you may use";
  else
    message += "; did you mean " + suggestions[0].get<std::string>() + "?";
  Json details = Json::object();
  details["did_you_mean"] = std::move(suggestions);
  return Response::error(Code::UnknownCommand, std::move(message), std::move(details));
}

}  // namespace uds
