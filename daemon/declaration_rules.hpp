// Whose instance this is, and what follows for the declarations of commands.
#pragma once

#include "declared/read_declarations.hpp"
#include "settings.hpp"

namespace udsd {

/// What declarations may say here. A private instance is one of --user, and any that neither runs
/// as root nor reaches a udsd-exec of the system: it runs commands with its own rights. `user` says
/// whether --user was given.
DeclarationRules declaration_rules(const Settings& settings, bool user);

}  // namespace udsd
