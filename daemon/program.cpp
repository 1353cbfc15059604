// The start of udsd in order: options, what systemd passed, settings, App, socket. Errors until
// then go to standard error as plain sentences, whatever the log level, because nobody could find
// out otherwise.
#include "program.hpp"

#include <unistd.h>

#include <iostream>
#include <string>
#include <utility>

#include "app.hpp"
#include "check_config.hpp"
#include "load_settings.hpp"
#include "memory_reserve.hpp"
#include "open_socket.hpp"
#include "options.hpp"
#include "process.hpp"
#include "systemd.hpp"
#include "uds/version.hpp"

namespace udsd {
namespace {

ExitCode complain(const std::string& sentence, ExitCode code) {
  std::cerr << "udsd: " << sentence << '\n';
  return code;
}

ExitCode say(const std::string& text) {
  std::cout << text << std::flush;
  return std::cout ? ExitCode::Ok : complain("cannot write to standard output", ExitCode::OsError);
}

ExitCode complain_of_settings(const ConfigErrors& errors) {
  for (const std::string& error : errors) complain(error, ExitCode::Config);
  return ExitCode::Config;
}

ExitCode serve(const Options& options) {
  auto handover = take_handover();
  if (!handover) return complain(handover.error().message(), ExitCode::Config);
  const auto loaded = load_settings(options);
  if (!loaded) return complain_of_settings(loaded.error());
  auto declarations = load_declared(*loaded, options);
  if (!declarations) return complain_of_settings(declarations.error());
  if (!loaded->settings.exec_socket) leave_children();
  const std::size_t descriptors = raise_descriptor_limit();
  keep_freed_memory();
  install_memory_reserve();
  // The App catches signals, so from here on none can end udsd and leave its socket behind.
  App app(options, *loaded, *std::move(declarations), handover->notifier, descriptors);
  auto socket = open_socket(*handover, loaded->settings.socket, options.user);
  if (!socket) {
    const bool system = loaded->settings.socket.path == UDS_SOCKET_PATH;
    return complain(
        socket.error().message() +
            (system && ::geteuid() != 0 ? "; for an instance of your own: udsd --user" : ""),
        exit_code_of(socket.error()));
  }
  return app.run(*std::move(socket));
}

}  // namespace

ExitCode run_program(int argc, const char* const* argv) {
  fill_standard_descriptors();
  ignore_sigpipe();
  const auto options = parse_options(argc, argv);
  if (!options) return complain(options.error() + "; see udsd --help", ExitCode::Usage);
  switch (options->action) {
    case Action::Help:
      return say(help_text());
    case Action::Version:
      return say(std::string("udsd ") + uds::kVersion + "\n");
    case Action::CheckConfig:
      return check_config(*options);
    case Action::Run:
      break;
  }
  return serve(*options);
}

}  // namespace udsd
