// The declared commands of this udsd, as they were last loaded.
//
// Owns the declarations; a run that goes on keeps its own. Adds each to the router as a command
// like any other, so that help, flags and completion know it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "declared/declaration.hpp"
#include "declared/rules.hpp"
#include "runs/run_table.hpp"
#include "uds/router.hpp"

namespace udsd {

class Catalog {
 public:
  using DeclarationPtr = std::shared_ptr<const Declaration>;

  /// Both must outlive it.
  Catalog(uds::Router& router, RunTable& table) : router_(router), table_(table) {}

  /// Takes the place of all that were there. `rules`: those that they were read by.
  void replace(std::vector<Declaration> declarations, const DeclarationRules& rules);
  [[nodiscard]] const DeclarationRules& rules() const noexcept { return rules_; }
  /// Null where there is none of that name.
  [[nodiscard]] DeclarationPtr find(std::string_view name) const;
  /// The commands whose runs `peer` may see, whoever started them.
  [[nodiscard]] std::set<std::string> watchable_by(const uds::Peer& peer, bool admin) const;
  [[nodiscard]] std::size_t size() const noexcept { return declarations_.size(); }

 private:
  void add(const DeclarationPtr& declared);

  uds::Router& router_;
  RunTable& table_;
  DeclarationRules rules_;
  std::map<std::string, DeclarationPtr, std::less<>> declarations_;
};

}  // namespace udsd
