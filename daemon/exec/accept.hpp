// Whether what udsd asks for may be run: everything is decided anew, from the declarations as they
// stand and from what the kernel says of the caller. Starts and writes nothing.
#pragma once

#include <string>

#include "declared/declaration.hpp"
#include "exec/caller.hpp"
#include "exec/instance.hpp"
#include "shared/account.hpp"
#include "shared/exec_messages.hpp"
#include "uds/result.hpp"

namespace udsd {

/// What may be run, and why.
struct Order {
  Declaration declaration;
  ArgumentTexts arguments;
  std::string rule;  ///< that allows it
  Account target;    ///< whom the command runs as
  bool changes_ids = false;
};

uds::Result<Order, exec_messages::Refused> accept_order(const Instance& instance,
                                                        const Caller& caller,
                                                        const exec_messages::Start& start);

}  // namespace udsd
