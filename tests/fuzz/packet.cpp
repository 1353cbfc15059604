// Fuzzes what udsd-exec reads from udsd, and udsd from udsd-exec: a packet is a message that can be
// sent on, or it is refused with a reason.
#include <cstdint>
#include <string>

#include "fuzz.hpp"
#include "shared/exec_messages.hpp"

using uds_fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view packet = uds_fuzz::text_of(data, size);
  const auto message = udsd::exec_messages::decode(packet);
  if (!message) {
    check(!message.error().empty(), "a refusal has a reason");
    return 0;
  }
  const std::string written = udsd::exec_messages::encode(*message);
  const auto again = udsd::exec_messages::decode(written);
  check(again && udsd::exec_messages::encode(*again) == written, "what was read can be sent on");
  return 0;
}
