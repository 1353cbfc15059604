// Body of bench_options.hpp.
#include "bench_options.hpp"

#include <charconv>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace uds_bench {
namespace {

template <class Number>
Number number(std::string_view option, std::string_view text, Number least) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least)
    throw std::invalid_argument(std::string(option) + " takes no '" + std::string(text) + "'");
  return value;
}

std::vector<pid_t> process_ids(std::string_view option, std::string_view text) {
  std::vector<pid_t> ids;
  for (;;) {
    const std::size_t comma = text.find(',');
    ids.push_back(number<pid_t>(option, text.substr(0, comma), 1));
    if (comma == std::string_view::npos) return ids;
    text.remove_prefix(comma + 1);
  }
}

/// Takes the option `name` with its value. False if there is none of that name.
bool take(Options& options, std::string_view name, std::string_view value) {
  if (name == "--socket")
    options.socket = value;
  else if (name == "--servers")
    options.servers = process_ids(name, value);
  else if (name == "--seconds")
    options.seconds = number<double>(name, value, 0);
  else if (name == "--requests")
    options.requests = number<std::uint64_t>(name, value, 1);
  else if (name == "--connections")
    options.connections = number<std::size_t>(name, value, 1);
  else if (name == "--outstanding")
    options.outstanding = number<std::size_t>(name, value, 1);
  else if (name == "--lines")
    options.lines = number<std::uint64_t>(name, value, 1);
  else if (name == "--spin-us")
    options.spin = std::chrono::microseconds(number<std::int64_t>(name, value, 0));
  else
    return false;
  return true;
}

}  // namespace

const char kUsage[] =
    "--socket ADDRESS [--servers PID,...] [--seconds S] [--requests N] [--connections N]\n"
    "    [--outstanding N] [--lines N] [--spin-us N] [--epoll] [--reconnect]\n";

Options parse_options(int argc, const char* const* argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--epoll")
      options.epoll = true;
    else if (name == "--reconnect")
      options.reconnect = true;
    else if (i + 1 == argc)
      throw std::invalid_argument(std::string(name) + " has no value, or is unknown");
    else if (!take(options, name, argv[++i]))
      throw std::invalid_argument("there is no option " + std::string(name));
  }
  if (options.socket.empty()) throw std::invalid_argument("--socket is missing");
  return options;
}

}  // namespace uds_bench
