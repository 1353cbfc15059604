// The declarations of a host, from its directories: which files count, and whether they may be
// trusted.
//
// A file is trusted where only root or the owner of the instance can have written it: the directory
// and the file belong to one of them, nobody else may write to them, and neither is a symbolic
// link. What is not trusted is an error, never skipped: a rule that silently does not count is
// worse than a daemon that says so.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "declared/read_declarations.hpp"

namespace udsd {

/// All declarations in the files `*.toml` of `directories`. A file replaces one of the same name in
/// a directory before its own; an empty one only takes it away. A directory that does not exist has
/// none. All of it must belong to root or, in a private instance, to rules.owner. All or nothing:
/// every error of every file.
uds::Result<std::vector<Declaration>, ConfigErrors> load_declarations(
    const std::vector<std::string>& directories, const DeclarationRules& rules);

}  // namespace udsd
