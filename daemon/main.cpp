// udsd, the control-plane daemon. Everything is in program.cpp and below; this catches what should
// never arrive.
#include <boost/system/system_error.hpp>
#include <exception>
#include <iostream>
#include <new>
#include <system_error>

#include "program.hpp"

int main(int argc, char** argv) {
  using udsd::ExitCode;
  ExitCode code = ExitCode::Software;
  try {
    code = udsd::run_program(argc, argv);
  } catch (const std::system_error& failure) {
    code = ExitCode::OsError;
    std::cerr << "udsd: " << failure.what() << '\n';
  } catch (const boost::system::system_error& failure) {  // Asio's, which is none of std
    code = ExitCode::OsError;
    std::cerr << "udsd: " << failure.what() << '\n';
  } catch (const std::bad_alloc&) {
    code = ExitCode::OsError;
    std::cerr << "udsd: out of memory\n";
  } catch (const std::exception& failure) {
    std::cerr << "udsd: this is a bug: " << failure.what() << '\n';
  }
  return static_cast<int>(code);
}
