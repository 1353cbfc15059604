// A request becomes text. Apart from request.cpp, so that a client does not link what reads
// requests.
#include "uds/message.hpp"

namespace uds {

std::string Request::to_text() const {
  std::string out = "{";
  const auto field = [&out](std::string_view name) {
    if (out.size() > 1) out += ',';
    append_json_string(out, name);
    out += ':';
  };
  if (id.present()) {
    field("id");
    id.append_to(out);
  }
  field(message ? "message" : "cmd");
  append_json_string(out, message ? *message : cmd);
  if (!args.empty() || args.is_array()) {
    field("args");
    append_json(out, args);
  }
  if (timeout) {
    field("timeout_ms");
    out += std::to_string(timeout->count());
  }
  if (detach) {
    field("detach");
    out += "true";
  }
  out += '}';
  return out;
}

}  // namespace uds
