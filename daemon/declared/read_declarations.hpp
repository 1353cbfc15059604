// The text of a file of declarations: TOML in, declarations or a list of errors out.
//
// Every error names file, line and column and what would be right, as in udsd.toml. Where the files
// are and whom they belong to is not known here.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "config.hpp"
#include "declared/declaration.hpp"
#include "uds/result.hpp"

namespace udsd {

/// What a declaration may say depends on whose daemon it is.
struct DeclarationRules {
  /// A system instance: `user` must be said. Otherwise a private one, which belongs to `owner`.
  bool system = true;
  /// The uid of udsd, which no command of a system instance may have; 0: any may be used.
  uid_t daemon = 0;
  /// Whose rights a command of a private instance has that names no user.
  uid_t owner = 0;
};

/// All declarations of `text`; `path` is where it comes from.
uds::Result<std::vector<Declaration>, ConfigErrors> read_declarations(
    std::string_view text, const std::string& path, const DeclarationRules& rules);

/// Every key of a declaration.
std::vector<std::string> declaration_keys();

}  // namespace udsd
