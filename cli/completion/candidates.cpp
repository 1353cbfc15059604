// Body of candidates.hpp. Follows the line from the left as parse_options() and read_arguments()
// do, but forgives what is wrong with it: it is not finished yet.
#include "completion/candidates.hpp"

#include "argument_schema.hpp"
#include "completion/completion_scripts.hpp"
#include "help_text.hpp"
#include "json_members.hpp"
#include "options.hpp"
#include "runs/run_id.hpp"
#include "visible_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace udsctl {
namespace {

using uds::Json;
using Words = std::vector<std::string>;

/// Verbs whose argument is that of a command of the daemon with the same name.
constexpr std::array kArgumentOfVerb{
    std::pair<std::string_view, std::string_view>{"log-level", "level"},
    std::pair<std::string_view, std::string_view>{"shutdown", "mode"},
};
constexpr std::array<std::string_view, 2> kFormats{"lines", "pretty"};

/// Whether every shell takes `text` for itself, without quotes.
bool is_harmless(std::string_view text) {
  constexpr std::string_view kSigns = "_-.,:+@/";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || kSigns.find(byte) != std::string_view::npos;
  });
}

/// Collects those candidates that begin as the word does.
class Collection {
 public:
  explicit Collection(std::string word) : word_(std::move(word)) {}

  [[nodiscard]] const std::string& word() const noexcept { return word_; }
  /// What is there already stays as it is.
  void add(std::string candidate, std::string_view description = {}) {
    const auto is_it = [&candidate](const auto& each) { return each.word == candidate; };
    if (candidate.starts_with(word_) && std::ranges::none_of(out_.words, is_it))
      out_.words.push_back({std::move(candidate), visible(description)});
  }
  void add_files(std::string beginning) { out_.files_behind = std::move(beginning); }
  Candidates take() { return std::move(out_); }

 private:
  std::string word_;
  Candidates out_;
};

/// A line, as far as it stands before the word that is completed.
struct Typed {
  Words options;      // of udsctl itself, with their values
  std::string verb;   // empty where there is none yet
  Words arguments;    // behind the verb
  std::string value;  // what the option before the word takes, such as PATH; empty for none
  bool no_options = false;
};

const OptionInfo* find_option(std::string_view name) {
  for (const OptionInfo& option : option_table())
    if (option.name == name) return &option;
  return nullptr;
}

bool needs_value(const OptionInfo& option) {
  return !option.value.empty() && option.value.front() != '[';
}

Typed read_line(const Words& words) {
  Typed line;
  const std::size_t last = words.size() - 1;
  for (std::size_t next = 0; next < last; ++next) {
    const std::string& word = words[next];
    if (line.no_options || !word.starts_with("-")) {
      (line.verb.empty() ? line.verb : line.arguments.emplace_back()) = word;
      // What stands behind call, or behind the command of run, is the command's own.
      line.no_options = line.no_options || line.verb == "call" ||
                        (takes_command_with_words(line.verb) && !line.arguments.empty());
    } else if (word == "--") {
      line.no_options = true;
    } else {
      line.options.push_back(word);
      const OptionInfo* option = find_option(word);
      if (option == nullptr || !needs_value(*option)) continue;
      if (next + 1 == last)
        line.value = option->value;
      else
        line.options.push_back(words[++next]);
    }
  }
  return line;
}

/// What may stand behind `beginning` where the usage says `placeholder`, such as PATH.
void add_values(Collection& out, const std::string& beginning, std::string_view placeholder) {
  if (placeholder == "PATH" || placeholder == "FILE") out.add_files(beginning);
  if (placeholder == "[FORMAT]")
    for (const auto format : kFormats) out.add(beginning + std::string(format));
}

void add_options(Collection& out, const std::string& verb) {
  const std::string& word = out.word();
  if (const std::size_t equals = word.find('='); equals != std::string::npos) {
    const OptionInfo* option = find_option(word.substr(0, equals));
    if (option != nullptr) add_values(out, word.substr(0, equals + 1), option->value);
    return;
  }
  for (const OptionInfo& option : option_table())
    if (verb.empty() || takes_option(verb, option.name))
      out.add(std::string(option.name), option.summary);
}

void add_commands(Collection& out, const Json& help) {
  const Json* commands = member(help, "commands");
  if (commands == nullptr || !commands->is_array()) return;
  for (const Json& command : *commands) {
    const std::string name = text_member(command, "name");
    if (is_harmless(name) && name.front() != '-') out.add(name, text_member(command, "summary"));
  }
}

/// The values that `schema` names, behind `beginning`.
void add_values_of(Collection& out, const std::string& beginning, const Json* schema) {
  if (schema == nullptr) return;
  if (type_of(schema) == "array") return add_values_of(out, beginning, member(*schema, "items"));
  if (type_of(schema) == "boolean")
    for (const char* value : {"true", "false"}) out.add(beginning + value);
  const Json* allowed = member(*schema, "enum");
  if (allowed == nullptr || !allowed->is_array()) return;
  for (const Json& value : *allowed) {
    const std::string text =
        value.is_string() ? value.get<std::string>() : uds::to_json_text(value);
    if (is_harmless(text)) out.add(beginning + text);
  }
}

/// The properties of `schema`, those within objects as well, as `outer.inner=`.
void add_names(Collection& out, const std::string& beginning, const Json& schema) {
  const Json* all = member(schema, "properties");
  if (all == nullptr || !all->is_object()) return;
  for (const auto& [name, inner] : all->items()) {
    if (!is_harmless(name) || name.front() == '-') continue;
    if (type_of(&inner) == "object")
      add_names(out, beginning + name + ".", inner);
    else
      out.add(beginning + name + "=", text_member(inner, "description"));
  }
}

void add_flags(Collection& out, const Json& schema) {
  const Json* all = member(schema, "properties");
  if (all == nullptr || !all->is_object()) return;
  for (const auto& [name, inner] : all->items()) {
    const std::string flag = flag_of_property(name);
    if (!is_harmless(flag) || type_of(&inner) == "object") continue;
    out.add("--" + flag, text_member(inner, "description"));
    if (type_of(&inner) == "boolean") out.add("--no-" + flag, text_member(inner, "description"));
  }
}

/// What the schema says of `path`, the name of an argument or `outer.inner`.
const Json* argument_at(const Json& schema, std::string_view path) {
  const Json* found = &schema;
  for (;;) {
    const std::size_t dot = path.find('.');
    found = property(found, path.substr(0, dot));
    if (found == nullptr || dot == std::string_view::npos) return found;
    path.remove_prefix(dot + 1);
  }
}

/// Whether a flag that stands alone is all there is: --help, and those of a boolean.
bool is_whole(const Json& schema, const std::string& flag) {
  const auto is_boolean = [&schema](const std::string& name) {
    return type_of(property(&schema, property_of_flag(schema, name))) == "boolean";
  };
  return flag == "help" || is_boolean(flag) ||
         (flag.starts_with("no-") && is_boolean(flag.substr(3)));
}

/// The arguments of a command; `words` stand before the one that is completed.
void add_arguments(Collection& out, const Json& schema, const Words& words) {
  const auto described = [&schema](const std::string& flag) {
    return property(&schema, property_of_flag(schema, flag));
  };
  for (std::size_t next = 0; next < words.size(); ++next) {
    const std::string& flag = words[next];
    const bool takes_next = flag.starts_with("--") && flag.find('=') == std::string::npos &&
                            !is_whole(schema, flag.substr(2));
    if (takes_next && ++next == words.size())
      return add_values_of(out, {}, described(flag.substr(2)));
  }
  const std::string& word = out.word();
  const std::size_t equals = word.find('=');
  const std::string beginning = word.substr(0, equals + 1);  // empty where there is no '='
  if (word.starts_with("-")) {
    if (equals != std::string::npos)
      return add_values_of(out, beginning, described(word.substr(2, equals - 2)));
    add_flags(out, schema);
    if (words.empty()) out.add("--help", "what the command takes");
  } else if (equals == std::string::npos) {
    add_names(out, {}, schema);
  } else if (word.compare(equals + 1, 1, "@") == 0) {
    out.add_files(beginning + "@");
  } else {
    add_values_of(out, beginning, argument_at(schema, word.substr(0, equals)));
  }
}

/// Ids of runs: those that a verb can still change, or all.
void add_runs(Collection& out, const Typed& line, const AskDaemon& ask) {
  uds::Request request("run.list", Json::object());
  if (line.verb != "show") request.args["state"] = "running";
  const Json data = ask(line.options, std::move(request));
  const Json* runs = member(data, "runs");
  if (runs == nullptr || !runs->is_array()) return;
  for (const Json& run : *runs)
    if (const std::string id = text_member(run, "run"); is_run_id(id))
      out.add(id, text_member(run, "command"));
}

/// What a verb takes behind its options.
void add_operands(Collection& out, const Typed& line, const AskDaemon& ask) {
  const auto schema_of = [&](const std::string& command) {
    uds::Request request("help", Json::object());
    request.args["command"] = command;
    const Json help = ask(line.options, std::move(request));
    const Json* schema = member(help, "args");
    return schema == nullptr ? Json() : *schema;
  };
  const bool takes_words = line.verb == "call" || takes_command_with_words(line.verb);
  if (takes_words && !line.arguments.empty()) {
    const Words words(line.arguments.begin() + 1, line.arguments.end());
    return add_arguments(out, schema_of(line.arguments.front()), words);
  }
  if (line.verb == "wait") return add_runs(out, line, ask);
  if (!line.arguments.empty()) return;
  if (line.verb == "attach" || line.verb == "show" || line.verb == "cancel")
    return add_runs(out, line, ask);
  if (line.verb == "help")
    for (const VerbInfo& verb : verb_table()) out.add(std::string(verb.name), verb.summary);
  if (takes_words || line.verb == "describe" || line.verb == "help")
    add_commands(out, ask(line.options, uds::Request("help")));
  if (line.verb == "completion")
    for (const CompletionScript& script : completion_scripts()) out.add(std::string(script.shell));
  for (const auto& [verb, argument] : kArgumentOfVerb)
    if (line.verb == verb) {
      const Json schema = schema_of(line.verb);
      add_values_of(out, {}, property(&schema, argument));
    }
}

}  // namespace

Candidates candidates(const Words& words, const AskDaemon& ask) {
  if (words.empty()) return {};
  const Typed line = read_line(words);
  Collection out(words.back());
  if (!line.value.empty()) {
    add_values(out, {}, line.value);
  } else if (words.back().starts_with("-") && !line.no_options) {
    add_options(out, line.verb);
  } else if (line.verb.empty()) {
    for (const VerbInfo& verb : verb_table()) out.add(std::string(verb.name), verb.summary);
  } else {
    add_operands(out, line, ask);
  }
  return out.take();
}

std::string to_lines(const Candidates& found) {
  if (found.files_behind) return "\t" + *found.files_behind + "\n";
  std::string lines;
  for (const Candidate& candidate : found.words)
    lines += candidate.word + "\t" + candidate.description + "\n";
  return lines;
}

}  // namespace udsctl
