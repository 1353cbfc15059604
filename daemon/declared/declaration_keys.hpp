// The keys of a declaration, each with the function that checks its value and stores it. Included
// by the reader of declarations only.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "declared/declaration.hpp"
#include "declared/read_declarations.hpp"
#include "toml_values.hpp"

namespace udsd {

/// What is read of one declaration before it is one.
struct Draft {
  std::optional<ExecTemplate> exec;
  std::set<std::string> faulty_arguments;  ///< of which there are findings already
  bool user_said = false;
  bool timeout_said = false;
};

/// Where a key stores its value, and notes what is wrong with it.
struct DraftContext {
  Declaration& out;
  Draft& draft;
  const DeclarationRules& rules;
  Findings& findings;
};

struct DeclarationKey {
  std::string_view name;
  void (*store)(DraftContext&, const toml::node&);
};

/// Those of a command.
std::span<const DeclarationKey> command_keys();
/// Stores what `table`, which is `what`, says by `keys`; a key that is not among them is a finding.
void read_keys(DraftContext& context, const toml::table& table,
               std::span<const DeclarationKey> keys, const std::string& what);

}  // namespace udsd
