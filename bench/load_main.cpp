// uds-load: the load generator. Turns the result of a run into a report and an exit status.
//
// Violations go to standard error in words; the report is the only thing on standard output.
#include <csignal>
#include <exception>
#include <iostream>

#include "load_options.hpp"
#include "load_report.hpp"
#include "load_run.hpp"

namespace {

using uds_load::ExitCode;

volatile std::sig_atomic_t g_stop = 0;

ExitCode complain(ExitCode code, const char* what) {
  std::cerr << "uds-load: " << what << "\n";
  return code;
}

ExitCode load(const uds_load::Options& options) {
  uds_load::Tally tally;
  const auto took = uds_load::run(options, tally, g_stop);
  for (const std::string& violation : tally.told()) std::cerr << "uds-load: " << violation << "\n";
  std::cout << (options.json ? json_report(tally, took) : text_report(tally, took)) << std::flush;
  return tally.clean() ? ExitCode::Clean : ExitCode::Difference;
}

ExitCode run(int argc, char** argv) {
  try {
    const uds_load::Options options = uds_load::parse_options(argc, argv);
    if (!options.help) return load(options);
    std::cout << uds_load::help_text();
    return ExitCode::Clean;
  } catch (const uds_load::UsageError& error) {
    return complain(ExitCode::Usage, error.what());
  } catch (const uds_load::CannotConnect& error) {
    return complain(ExitCode::CannotConnect, error.what());
  } catch (const std::exception& error) {
    return complain(ExitCode::OsError, error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, [](int) { g_stop = 1; });
  return static_cast<int>(run(argc, argv));
}
