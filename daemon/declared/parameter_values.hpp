// One argument of a declaration, `args.NAME = { type = … }`, read from TOML. Included by the reader
// of declarations only.
#pragma once

#include <optional>
#include <string>

#include "declared/parameter.hpp"
#include "toml_values.hpp"

namespace udsd {

/// A line for people. Nothing after having added a finding.
std::optional<std::string> read_summary(const toml::node& node, Findings& findings);

/// Nothing after having added a finding.
std::optional<Parameter> read_parameter(const std::string& name, const toml::node& node,
                                        Findings& findings);

}  // namespace udsd
