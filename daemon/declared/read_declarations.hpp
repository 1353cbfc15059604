// The text of a file of declarations: TOML in, declarations or a list of errors out.
//
// Every error names file, line and column and what would be right, as in udsd.toml. Where the files
// are and whom they belong to is not known here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config.hpp"
#include "declared/declaration.hpp"
#include "declared/rules.hpp"
#include "uds/result.hpp"

namespace udsd {

/// All declarations of `text`; `path` is where it comes from.
uds::Result<std::vector<Declaration>, ConfigErrors> read_declarations(
    std::string_view text, const std::string& path, const DeclarationRules& rules);

/// Every key of a declaration.
std::vector<std::string> declaration_keys();

}  // namespace udsd
