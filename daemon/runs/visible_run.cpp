// Bodies of visible_run.hpp.
#include "runs/visible_run.hpp"

#include "declared/policy.hpp"
#include "shared/run_id.hpp"

namespace udsd {

bool may_end(const uds::Call& call, const RunRecord& facts) {
  if (call.admin()) return true;
  return !uds::is_nobody(call.peer().uid) && call.peer().uid == facts.caller;
}

namespace {

bool may_see(const uds::Call& call, const Catalog& catalog, const RunRecord& facts) {
  if (may_end(call, facts)) return true;
  const auto declared = catalog.find(facts.command);
  return declared && may_watch(*declared, call.peer(), call.admin()).allowed;
}

}  // namespace

std::optional<RunRecord> visible_run(const uds::Call& call, const Catalog& catalog,
                                     const RunStore& store, const std::string& name) {
  // It becomes a part of a path.
  if (!is_run_id(name)) return std::nullopt;
  auto facts = store.facts(name);
  if (!facts || !may_see(call, catalog, *facts)) return std::nullopt;
  return facts;
}

uds::Response no_such_run() {
  return uds::Response::error(uds::Code::NotFound,
                              "there is no such run that you may see; udsctl runs lists them");
}

}  // namespace udsd
