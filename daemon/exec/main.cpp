// udsd-exec, which runs one declared command. Everything is in program.cpp and below; this catches
// what should never arrive.
#include <exception>
#include <iostream>
#include <new>
#include <system_error>

#include "exec/program.hpp"

int main(int argc, char** argv) {
  using udsd::ExitCode;
  ExitCode code = ExitCode::Software;
  try {
    code = udsd::run_exec(argc, argv);
  } catch (const std::system_error& failure) {
    code = ExitCode::OsError;
    std::cerr << "udsd-exec: " << failure.what() << '\n';
  } catch (const std::bad_alloc&) {
    code = ExitCode::OsError;
    std::cerr << "udsd-exec: out of memory\n";
  } catch (const std::exception& failure) {
    std::cerr << "udsd-exec: this is a bug: " << failure.what() << '\n';
  }
  return static_cast<int>(code);
}
