// Bodies of declaration_rules.hpp.
#include "declaration_rules.hpp"

#include <unistd.h>

namespace udsd {

DeclarationRules declaration_rules(const Settings& settings, bool user) {
  DeclarationRules rules;
  const uid_t own = ::geteuid();
  rules.system = !user && (own == 0 || settings.exec_socket);
  if (rules.system)
    rules.daemon = own;
  else
    rules.owner = own;
  return rules;
}

}  // namespace udsd
