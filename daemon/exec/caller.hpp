// Who calls, as the kernel says of the caller's own connection.
//
// udsd hands that connection over, and a udsd that has been taken over would hand over another one:
// the near end of a connection that it made to a service of root, say, whose peer is root. So only
// the accepted end of a listener counts, one that stands where nobody but root can have put it.
#pragma once

#include <string>

#include "uds/fd.hpp"
#include "uds/peer.hpp"
#include "uds/result.hpp"

namespace udsd {

struct Caller {
  uds::Peer peer;
  std::string user;  ///< its name, or its uid where nobody has it
  // For information only: the pid may be another process's by now.
  std::string login_uid;  ///< empty: not known
  std::string executable;
};

/// Who is at the other end of `connection`, which is closed: udsd alone keeps the caller's
/// connection, else the caller would never see its end. `private_instance`: the listener may also
/// stand in a directory of our own user. Error: why it does not count.
uds::Result<Caller, std::string> identify_caller(uds::Fd connection, bool private_instance);

}  // namespace udsd
