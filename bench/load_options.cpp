// Body of load_options.hpp.
#include "load_options.hpp"

#include <getopt.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace uds_load {
namespace {

enum Option {
  kSocket = 1,
  kConnections,
  kOutstanding,
  kRequests,
  kSeconds,
  kPatience,
  kRequest,
  kFraming,
  kExpectClose,
  kReport,
  kHelp
};

constexpr std::array kLongOptions{option{"socket", required_argument, nullptr, kSocket},
                                  option{"connections", required_argument, nullptr, kConnections},
                                  option{"outstanding", required_argument, nullptr, kOutstanding},
                                  option{"requests", required_argument, nullptr, kRequests},
                                  option{"seconds", required_argument, nullptr, kSeconds},
                                  option{"patience", required_argument, nullptr, kPatience},
                                  option{"request", required_argument, nullptr, kRequest},
                                  option{"framing", required_argument, nullptr, kFraming},
                                  option{"expect-close", no_argument, nullptr, kExpectClose},
                                  option{"report", required_argument, nullptr, kReport},
                                  option{"help", no_argument, nullptr, kHelp},
                                  option{nullptr, 0, nullptr, 0}};

template <class Number>
Number number(std::string_view option, const std::string& text, Number least, Number most) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || !(value >= least && value <= most))
    throw UsageError("--" + std::string(option) + " needs a number from " + std::to_string(least) +
                     " to " + std::to_string(most) + ", not '" + text + "'");
  return value;
}

std::uint64_t whole(std::string_view option, const std::string& text, std::uint64_t least,
                    std::uint64_t most) {
  return number<std::uint64_t>(option, text, least, most);
}

std::chrono::milliseconds seconds(std::string_view option, const std::string& text) {
  constexpr double kDay = 86'400;
  const double value = number<double>(option, text, 0.0, kDay);
  return std::chrono::milliseconds(static_cast<std::int64_t>(value * 1000));
}

bool choice(std::string_view option, std::string_view text, std::string_view yes,
            std::string_view no) {
  if (text != yes && text != no)
    throw UsageError("--" + std::string(option) + " is " + std::string(yes) + " or " +
                     std::string(no) + ", not '" + std::string(text) + "'");
  return text == yes;
}

std::string tail_of(const std::string& text) {
  const auto request = nlohmann::json::parse(text, nullptr, false);
  if (!request.is_object() || request.empty() || request.contains("id"))
    throw UsageError("--request needs a JSON object without id, such as {\"cmd\":\"ping\"}");
  return "," + request.dump().substr(1);
}

void take(Options& out, int option, const std::string& text) {
  constexpr std::uint64_t kMany = 1'000'000'000;
  switch (option) {
    case kSocket:
      out.socket = text;
      break;
    case kConnections:
      out.connections = whole("connections", text, 1, 100'000);
      break;
    case kOutstanding:
      out.outstanding = whole("outstanding", text, 1, kMany);
      break;
    case kRequests:
      out.requests = whole("requests", text, 0, kMany);
      break;
    case kSeconds:
      out.duration = seconds("seconds", text);
      break;
    case kPatience:
      out.patience = seconds("patience", text);
      break;
    case kRequest:
      out.tails.push_back(tail_of(text));
      break;
    case kFraming:
      out.terminator = choice("framing", text, "lf", "nul") ? '\n' : '\0';
      break;
    case kExpectClose:
      out.expect_close = true;
      break;
    case kReport:
      out.json = choice("report", text, "json", "text");
      break;
    case kHelp:
      out.help = true;
      break;
    default:
      throw UsageError("see uds-load --help");
  }
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options out;
  optind = 0;  // GNU: start again, also within one program
  int option = 0;
  while ((option = ::getopt_long(argc, argv, "", kLongOptions.data(), nullptr)) != -1)
    take(out, option, optarg == nullptr ? std::string() : std::string(optarg));
  if (out.help) return out;
  if (optind < argc) throw UsageError("'" + std::string(argv[optind]) + "' is no option");
  if (out.socket.empty()) throw UsageError("--socket is missing");
  if (out.tails.empty()) out.tails.push_back(tail_of(R"({"cmd":"ping"})"));
  for (std::string& tail : out.tails) tail += out.terminator;
  return out;
}

std::string_view help_text() {
  return "uds-load: send requests over many connections and keep a ledger of the answers\n"
         "\n"
         "  --socket PATH      the server's socket (required)\n"
         "  --connections N    connections, all open before the first request (1)\n"
         "  --outstanding N    requests of one connection that wait for an answer (1)\n"
         "  --requests N       requests of one connection; 0: no limit (0)\n"
         "  --seconds S        how long to send; 0: no limit (0)\n"
         "  --patience S       how long to wait for a response once nothing is sent (30)\n"
         "  --request JSON     what to send: an object without id ({\"cmd\":\"ping\"}); several "
         "are\n"
         "                     sent in turn\n"
         "  --framing lf|nul   what ends each request (lf)\n"
         "  --expect-close     the server may close, and leave unanswered what it did not read\n"
         "  --report json|text the report's form (json: one line)\n"
         "  --help             this text\n"
         "\n"
         "Every request is matched with its responses: PROCESSING any number of times, then one\n"
         "final, numbered from 1 without a gap. The report goes to standard output, what breaks\n"
         "these rules to standard error. SIGINT and SIGTERM end the sending.\n"
         "\n"
         "Exit status:\n"
         "   0  every request was answered as it should be\n"
         "   1  not every one; the report says what is wrong\n"
         "  64  an option is wrong\n"
         "  69  the server cannot be reached\n"
         "  71  the operating system refused something else\n";
}

}  // namespace uds_load
