// Who may run what: commands for everyone, for a group, and for administrators only.
//
//   access SOCKET GROUP
//
// The socket itself is open to all local users here, which is what the rules are for.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "uds/accounts.hpp"
#include "uds/uds.hpp"

namespace {

/// A value that everyone may read, and each caller may change only as itself.
class Note {
 public:
  uds::Response read() const { return uds::Response::ok(text_, nullptr); }

  // [caller]
  uds::Response write(uds::Call& call) {
    if (owner_ && *owner_ != call.peer().uid && !call.admin())
      return uds::Response::error(uds::Code::PermissionDenied,
                                  "another user wrote this note; ask them or an administrator");
    owner_ = call.peer().uid;
    text_ = call.args().at("text").get<std::string>();
    return uds::Response::ok();
  }
  // [caller]

  uds::Response clear() {
    owner_.reset();
    text_.clear();
    return uds::Response::ok();
  }

 private:
  std::optional<uid_t> owner_;
  std::string text_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: access SOCKET GROUP\n";
    return 64;
  }
  auto socket = uds::SocketBuilder(argv[1]).permissions(0666).listen();
  const auto writers = uds::find_group(argv[2]);
  if (!socket || !writers) {
    std::cerr << (socket ? writers.error() : socket.error()).message() << '\n';
    return 1;
  }
  Note note;
  boost::asio::io_context loop(1);
  uds::Server server(loop.get_executor());

  // [rules]
  uds::Command read("note.read");
  server.commands().add(std::move(read), [&](uds::Call&) { return note.read(); });

  uds::Command write("note.write");
  write.arg("text", uds::schema::string().required().max_length(200));
  write.access(uds::Access::only(uds::Principals().group(*writers)));
  server.commands().add(std::move(write), [&](uds::Call& call) { return note.write(call); });

  uds::Command clear("note.clear");
  clear.access(uds::Access::admins().hide());
  server.commands().add(std::move(clear), [&](uds::Call&) { return note.clear(); });
  // [rules]
  server.serve(*std::move(socket));

  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) server.drain([] {});
  });
  loop.run();
}
