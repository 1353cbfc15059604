// Reads options with getopt_long(3), which needs neither a library nor time to start.
//
// getopt keeps its state in globals, so parse_options() is for one thread; it may be called again.
#include "options.hpp"

#include "help_text.hpp"
#include "option_tables.hpp"
#include "option_values.hpp"

#include "uds/similar.hpp"
#include "visible_text.hpp"

#include <getopt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace udsctl {
namespace {

constexpr std::string_view kSeeHelp = "; see udsctl --help";
/// The largest number that every reader of JSON knows.
constexpr std::uint64_t kLastEvent = (std::uint64_t{1} << 53) - 1;

/// The table as getopt_long(3) wants it.
std::array<option, kTable.size() + 1> getopt_table() {
  std::array<option, kTable.size() + 1> out{};
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    const std::string_view value = kTable[i].value;
    const int argument = value.empty()          ? no_argument
                         : value.front() == '[' ? optional_argument
                                                : required_argument;
    out[i] = {kTable[i].name.data() + 2, argument, nullptr, static_cast<int>(i) + 1};
  }
  return out;
}

/// --collect, --field and --quiet exclude each other.
std::string choose(Options& options, Format format) {
  if (options.format == Format::Automatic || options.format == format) {
    options.format = format;
    return {};
  }
  return "--json=pretty, --collect, --field and --quiet exclude each other; give one of them";
}

std::string read_json(Options& options, const std::string& value) {
  options.json = true;
  if (value == "pretty") return choose(options, Format::Pretty);
  if (value.empty() || value == "lines") {
    if (options.format == Format::Pretty) options.format = Format::Automatic;
    return {};
  }
  return "--json=" + visible(value) + " is neither --json=lines nor --json=pretty";
}

/// RFC 6901: a tilde stands before 0 or 1.
bool is_pointer(std::string_view text) {
  if (!text.starts_with('/')) return false;
  for (std::size_t at = text.find('~'); at != text.npos; at = text.find('~', at + 1))
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  return true;
}

std::string read_field(Options& options, const std::string& value) {
  if (!is_pointer(value))
    return "--field " + visible(value) +
           " is no JSON pointer; write the way to the value, such as /data/uid or /message";
  options.field = value;
  return choose(options, Format::Field);
}

/// What is wrong with the option, or nothing.
std::string apply(Options& options, int number, const std::string& value) {
  const std::string_view name = kTable.at(static_cast<std::size_t>(number - 1)).name;
  switch (number) {
    case kSocket:
      options.socket = value;
      break;
    case kUser:
      options.user = true;
      break;
    case kServerUid: {
      const auto uid = read_user(name, value);
      if (!uid) return uid.error();
      options.server_uids.push_back(*uid);
      break;
    }
    case kTimeout:
      return read_duration(options.timeout, name, value);
    case kConnectTimeout:
      return read_duration(options.connect_timeout, name, value);
    case kInterval:
      return read_duration(options.interval, name, value);
    case kRetry:
      return read_count(options.retries, name, value, 0U, 1'000'000U);
    case kParallel:
      return read_count<std::size_t>(options.parallel, name, value, 1, 1'000);
    case kJson:
      return read_json(options, value);
    case kCollect:
      return choose(options, Format::Array);
    case kField:
      return read_field(options, value);
    case kQuiet:
      return choose(options, Format::Nothing);
    case kHalfClose:
      options.half_close = true;
      break;
    case kWatch:
      options.watch = true;
      break;
    case kOnce:
      options.once = true;
      break;
    case kDetach:
      options.detach = true;
      break;
    case kDetachOnInterrupt:
      options.detach_on_interrupt = true;
      break;
    case kResult:
      return read_text(options.result, name, value);
    case kFrom:
      return read_count<std::uint64_t>(options.from, name, value, 1, kLastEvent);
    case kAll:
      options.all = true;
      break;
    case kRunning:
      options.running = true;
      break;
    case kCommand:
      return read_text(options.command, name, value);
    case kAny:
      options.any = true;
      break;
    case kSignal:
      return read_signal(options.signal, name, value);
    case kAs:
      return read_user_text(options.as, name, value);
    case kSince:
      return read_past(options.since, name, value);
    case kCaller:
      return read_user_text(options.caller, name, value);
    case kRun:
      return read_text(options.run, name, value);
    case kHelpOption:
      options.help = true;
      break;
    case kVersion:
      options.version = true;
      break;
    default:
      break;
  }
  return {};
}

std::string no_such_option(const std::string& typed) {
  const std::string name = typed.substr(0, typed.find('='));
  std::vector<std::string_view> known(kTable.size());
  std::transform(kTable.begin(), kTable.end(), known.begin(),
                 [](const OptionInfo& info) { return info.name; });
  if (std::find(known.begin(), known.end(), name) != known.end())
    return name + " takes no value" + std::string(kSeeHelp);
  std::string meant;
  for (const std::string_view candidate : known)
    if (name.size() > 2 && candidate.starts_with(name))
      meant += (meant.empty() ? "" : " or ") + std::string(candidate);
  if (!meant.empty()) return visible(name) + " may be " + meant + "; write it out";
  const auto nearest = uds::similar_names(name.substr(0, 64), known, 1);
  return "there is no option " + visible(name) +
         (nearest.empty() ? "" : " (did you mean " + std::string(nearest.front()) + "?)") +
         std::string(kSeeHelp);
}

template <std::size_t Size>
bool is_among(const std::array<std::string_view, Size>& verbs, std::string_view verb) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

bool has_own_output(std::string_view verb) {
  return is_among(kOwnOutput, verb);
}

/// The options seen on a command line, and what is wrong with it.
class Reader {
 public:
  explicit Reader(Options& options) : options_(options), table_(getopt_table()) {}

  /// Reads options, with `mode` up to the first word that is none, or all; then optind is behind
  /// them. What is wrong, or nothing.
  std::string read(int argc, char** argv, const char* mode) {
    optind = 0;  // glibc: start again, forgetting what was read before
    for (;;) {
      const int number = ::getopt_long(argc, argv, mode, table_.data(), nullptr);
      if (number == -1) return {};
      if (number == 'h') {
        options_.help = true;
        continue;
      }
      if (number == ':')
        return std::string(argv[optind - 1]) + " needs a value" + std::string(kSeeHelp);
      if (number == '?') {
        // Set only for short options and for long ones that were recognised.
        if (optopt > kVersion)
          return "there is no option -" + visible(std::string(1, static_cast<char>(optopt))) +
                 std::string(kSeeHelp);
        return no_such_option(argv[optind - 1]);
      }
      seen_.at(static_cast<std::size_t>(number - 1)) = true;
      if (std::string problem = apply(options_, number, optarg == nullptr ? "" : optarg);
          !problem.empty())
        return problem;
    }
  }

  /// An option that the verb does not have.
  [[nodiscard]] std::string misplaced() const {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
      const OptionInfo& info = kTable.at(i);
      if (!seen_.at(i) || takes_option(options_.verb, info.name)) continue;
      std::string verbs;
      for (const auto& [number, verb] : kBelongsTo)
        if (number == static_cast<int>(i) + 1)
          verbs += (verbs.empty() ? "" : " and ") + std::string(verb);
      return std::string(info.name) +
             (verbs.empty() ? " means nothing to " : " belongs to " + verbs + ", not to ") +
             options_.verb + std::string(kSeeHelp);
    }
    if (options_.format == Format::Pretty && has_own_output(options_.verb))
      return "--json=pretty means nothing to " + options_.verb + std::string(kSeeHelp);
    return {};
  }

 private:
  Options& options_;
  std::array<option, kTable.size() + 1> table_;
  std::array<bool, kTable.size()> seen_{};
};

/// Whether what stands behind the verb belongs to something else: a command of the daemon.
bool takes_words_as_they_are(const std::string& verb) {
  return verb == "call" || verb == "complete";
}

/// What is wrong with the command line, or nothing.
std::string read_all(Options& options, int argc, char** argv) {
  Reader reader(options);
  // ':' first: a missing value is told from an unknown option, and getopt prints nothing itself.
  if (std::string problem = reader.read(argc, argv, "+:h"); !problem.empty()) return problem;
  if (optind == argc) return {};
  options.verb = argv[optind];
  argc -= optind;
  argv += optind;
  if (takes_words_as_they_are(options.verb)) {
    options.arguments.assign(argv + 1, argv + argc);
  } else {
    const char* const mode = takes_command_with_words(options.verb) ? "+:h" : ":h";
    if (std::string problem = reader.read(argc, argv, mode); !problem.empty()) return problem;
    options.arguments.assign(argv + optind, argv + argc);
  }
  return find_verb(options.verb) != nullptr ? reader.misplaced() : std::string();
}

/// Whether --json stands on a command line that cannot be read, as an option of udsctl.
bool asks_for_json(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
  const auto end = std::find_if(words.begin(), words.end(), [](std::string_view word) {
    return takes_words_as_they_are(std::string(word)) || takes_command_with_words(word);
  });
  return std::any_of(words.begin(), end, [](std::string_view word) {
    return word == "--json" || word.starts_with("--json=");
  });
}

}  // namespace

uds::Result<Options, Refusal> parse_options(int argc, char** argv) {
  Options options;
  // getopt moves the words about.
  const bool json = asks_for_json(argc, argv);
  if (std::string problem = read_all(options, argc, argv); !problem.empty())
    return Refusal{std::move(problem), json};
  if (options.json && options.format == Format::Automatic) options.format = Format::Lines;
  return options;
}

bool takes_command_with_words(std::string_view verb) {
  return is_among(kTakeCommand, verb);
}

bool passes_status(std::string_view verb) {
  return is_among(kPassStatus, verb);
}

bool belongs_to(std::string_view verb, std::string_view name) {
  return std::any_of(kBelongsTo.begin(), kBelongsTo.end(), [&](const auto& entry) {
    return entry.second == verb &&
           kTable.at(static_cast<std::size_t>(entry.first) - 1).name == name;
  });
}

bool takes_option(std::string_view verb, std::string_view name) {
  const auto is_named = [name](Number number) {
    return kTable.at(static_cast<std::size_t>(number) - 1).name == name;
  };
  if (has_own_output(verb) && std::any_of(kFormats.begin(), kFormats.end(), is_named)) return false;
  bool belongs_to_another = false;
  for (const auto& [number, owner] : kBelongsTo) {
    if (!is_named(number)) continue;
    if (owner == verb) return true;
    belongs_to_another = true;
  }
  return !belongs_to_another;
}

std::span<const OptionInfo> option_table() {
  return kTable;
}

}  // namespace udsctl
