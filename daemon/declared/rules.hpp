// What a declaration may say depends on whose daemon it is for. A plain value.
#pragma once

#include <sys/types.h>

namespace udsd {

struct DeclarationRules {
  /// A system instance: `user` must be said. Otherwise a private one.
  bool system = true;
  /// The uid of udsd, which no command of a system instance may have; 0: any may be used.
  uid_t daemon = 0;
  /// Whose rights there are to give: those of what starts commands. 0: all. A private instance
  /// belongs to it, and so does each command that names no user.
  uid_t owner = 0;
};

}  // namespace udsd
