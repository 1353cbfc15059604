// Bodies of catalog.hpp.
#include "runs/catalog.hpp"

#include <utility>

#include "declared/policy.hpp"
#include "runs/run_command.hpp"
#include "uds/asio.hpp"

namespace udsd {

void Catalog::replace(std::vector<Declaration> declarations, const DeclarationRules& rules) {
  rules_ = rules;
  for (const auto& [name, declared] : declarations_) router_.remove(name);
  declarations_.clear();
  for (Declaration& each : declarations) {
    auto declared = std::make_shared<const Declaration>(std::move(each));
    add(declared);
    std::string name = declared->name;
    declarations_.emplace(std::move(name), std::move(declared));
  }
}

Catalog::DeclarationPtr Catalog::find(std::string_view name) const {
  const auto found = declarations_.find(name);
  return found == declarations_.end() ? nullptr : found->second;
}

std::set<std::string> Catalog::watchable_by(const uds::Peer& peer, bool admin) const {
  std::set<std::string> names;
  for (const auto& [name, declared] : declarations_)
    if (may_watch(*declared, peer, admin).allowed) names.insert(name);
  return names;
}

void Catalog::add(const DeclarationPtr& declared) {
  uds::Command command(declared->name);
  command.summary(declared->summary).streaming().detachable().access(access_of(*declared));
  for (const Parameter& parameter : declared->parameters)
    command.arg(parameter.name, parameter.schema());
  if (declared->input.from == StandardInput::From::Caller) command.descriptors(1, 1);
  router_.add(std::move(command),
              [this, declared](uds::Call& call) { return run_command(table_, declared, call); });
}

}  // namespace udsd
