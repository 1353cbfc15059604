// One declaration after the other: its keys are stored, then what they say together is checked. All
// errors of a file are collected.
#include "declared/read_declarations.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "declared/declaration_keys.hpp"
#include "shared/sha256.hpp"
#include "toml_values.hpp"
#include "uds/message.hpp"

namespace udsd {
namespace {

/// Programs that take code, or a command, as an argument.
bool is_interpreter(const std::string& program) {
  static const std::set<std::string, std::less<>> kPrograms{
      "sh",          "bash",    "dash",    "zsh",     "ksh",   "fish",    "busybox", "perl",
      "ruby",        "node",    "lua",     "php",     "awk",   "gawk",    "mawk",    "sed",
      "find",        "xargs",   "env",     "tar",     "less",  "more",    "vi",      "vim",
      "nano",        "ed",      "ssh",     "su",      "sudo",  "nsenter", "chroot",  "setpriv",
      "systemd-run", "timeout", "nice",    "ionice",  "nohup", "setsid",  "stdbuf",  "flock",
      "taskset",     "chrt",    "unshare", "runuser", "doas",  "watch",   "script",  "tclsh"};
  const std::string_view name = std::string_view(program).substr(program.rfind('/') + 1);
  return kPrograms.contains(name) || name.starts_with("python");
}

/// Whether `exec` gives its program a value, or text of the declaration as code.
bool gives_code(const ExecTemplate& exec) {
  static const std::set<std::string, std::less<>> kCodeFollows{
      "-c", "-e", "-E", "-r", "--eval", "--command", "--expression", "-exec", "-execdir", "-ok"};
  if (!exec.arguments().empty()) return true;
  return std::ranges::any_of(exec.parts(), [](const ExecTemplate::Part& part) {
    return kCodeFollows.contains(part.elements.front().with({}));
  });
}

/// Checks what the keys of a declaration say together.
class WholeCheck {
 public:
  WholeCheck(const Declaration& declared, const Draft& draft, const DeclarationRules& rules,
             const toml::node& node, Findings& findings)
      : declared_(declared), draft_(draft), rules_(rules), node_(node), findings_(findings) {}

  void run() {
    if (declared_.summary.empty()) wrong("summary is missing: say in a line what the command does");
    if (!draft_.timeout_said)
      wrong("timeout is missing; write a duration such as \"60s\", or \"none\"");
    if (rules_.system && !draft_.user_said)
      wrong("user is missing: the user that the command runs as, or \"@caller\"");
    if (declared_.disconnect.detach && declared_.disconnect.grace.count() > 0)
      wrong("disconnect_grace goes with on_disconnect = \"kill\"");
    const Rate& rate = declared_.rate;
    if ((rate.total > 0 || rate.per_user > 0) != (rate.per.count() > 0))
      wrong("rate is how many in how long, such as { total = 10, per = \"1m\" }");
    check_input();
    if (!draft_.exec) return;
    const ExecTemplate& exec = declared_.exec;
    check_places();
    for (const Parameter& each : declared_.parameters) check_parameter(each);
    if (is_interpreter(exec.program()) && gives_code(exec) && !declared_.unsafe_exec)
      wrong(exec.program() +
            " can take its arguments for code or for a command; if that is safe here, say "
            "unsafe_exec = true");
  }

 private:
  void check_input() {
    const StandardInput& input = declared_.input;
    if (input.from != StandardInput::From::Argument || is_faulty(input.argument)) return;
    const Parameter* parameter = declared_.parameter(input.argument);
    if (parameter == nullptr)
      wrong("stdin is the value of " + input.argument + ", which is not declared");
    else if (parameter->spread)
      wrong("stdin is one value, and " + input.argument + " is a list");
  }

  void check_places() {
    for (const std::string& name : declared_.exec.arguments()) {
      const Parameter* parameter = declared_.parameter(name);
      if (parameter == nullptr && !is_faulty(name))
        wrong(std::string("exec has a place for ")
                  .append(name)
                  .append(", which is not declared; write args.")
                  .append(name)
                  .append(" = { type = … }"));
      if (parameter != nullptr && parameter->secret)
        wrong(std::string(name)
                  .append(" is a secret, and everybody can see the arguments of a process; pass it "
                          "by stdin = \"arg:")
                  .append(name)
                  .append("\""));
    }
    for (const ExecTemplate::Part& part : declared_.exec.parts())
      for (const ExecTemplate::Element& element : part.elements) {
        const Parameter* parameter =
            element.literal() ? nullptr : declared_.parameter(element.argument());
        if (parameter != nullptr && !part.group && !parameter->required && !parameter->fallback)
          wrong(parameter->name + " may be absent, so its place stands in a group: [\"{" +
                parameter->name + "}\"]");
      }
  }

  void check_parameter(const Parameter& parameter) {
    const auto places = declared_.exec.arguments();
    if (std::ranges::find(places, parameter.name) == places.end()) {
      if (declared_.input.argument != parameter.name)
        wrong(parameter.name + " is declared and never used; give it a place in exec");
      return;
    }
    if (!declared_.refuses_hyphen(parameter.name)) return;
    const auto begins_with_hyphen = [&parameter](const uds::Json& value) {
      const auto texts = parameter.texts(value);
      return texts && std::ranges::any_of(
                          *texts, [](const std::string& text) { return text.starts_with('-'); });
    };
    if (std::ranges::any_of(parameter.allowed, begins_with_hyphen) ||
        (parameter.fallback && begins_with_hyphen(*parameter.fallback)))
      wrong(parameter.name +
            " has a declared value that begins with a hyphen, which is refused at its place in "
            "exec; put \"--\" or a text of your own before it");
  }

  [[nodiscard]] bool is_faulty(const std::string& name) const {
    return draft_.faulty_arguments.contains(name);
  }
  void wrong(const std::string& what) { findings_.add(node_.source(), what); }

  const Declaration& declared_;
  const Draft& draft_;
  const DeclarationRules& rules_;
  const toml::node& node_;
  Findings& findings_;
};

bool may_be_declared(std::string_view name) {
  return uds::is_command_name(name) && name.find('.') != std::string_view::npos &&
         !name.starts_with("run.") && !name.starts_with("uds.");
}

std::optional<Declaration> read_declaration(const toml::key& key, const toml::node& node,
                                            const std::string& path, const DeclarationRules& rules,
                                            Findings& findings) {
  const std::string name(key.str());
  findings.set_subject("");
  if (!may_be_declared(name)) {
    findings.add(key.source(),
                 uds::log_quote(name) +
                     " is no name for a declared command: lower-case segments with "
                     "dots between them, such as \"web.restart\", not run.* or uds.*");
    return std::nullopt;
  }
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    findings.add(key.source(), "must be a table; write [command.\"" + name + "\"] on a line");
    return std::nullopt;
  }
  findings.set_subject(name);
  Draft draft;
  // A stand-in, until exec has been read.
  Declaration declared(ExecTemplate::make({{{*ExecTemplate::Element::parse("/")}, false}}).value());
  declared.name = name;
  declared.run_as.uid = rules.owner;
  declared.origin = {path, key.source().begin.line};
  DraftContext context{declared, draft, rules, findings};
  read_keys(context, *table, command_keys(), "a command");
  if (table->get("exec") == nullptr)
    findings.add(node.source(), "exec is missing: the program and its arguments");
  if (draft.exec) declared.exec = *draft.exec;
  WholeCheck(declared, draft, rules, node, findings).run();
  if (!draft.exec) return std::nullopt;
  return declared;
}

/// The command that a line such as [command."web.restart"] begins; empty for any other line, also
/// one that begins a table within a command.
std::string section_in(std::string_view line) {
  if (!line.starts_with("[command.")) return {};
  Findings ignored({});
  const auto section = parse_toml(line, ignored);
  const toml::table* commands = section ? (*section)["command"].as_table() : nullptr;
  if (commands == nullptr || commands->empty()) return {};
  const auto first = commands->begin();
  const toml::table* body = first->second.as_table();
  return body != nullptr && body->empty() ? std::string(first->first.str()) : std::string();
}

struct SecondSection {
  std::string name;
  std::size_t line;
  std::size_t first_line;
};

/// Where `text` has two sections for one command. The parser of TOML tells of the second only.
std::vector<SecondSection> find_second_sections(std::string_view text) {
  std::vector<SecondSection> all;
  std::map<std::string, std::size_t> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string name = section_in(line);
    if (name.empty()) continue;
    const auto [first, added] = lines.emplace(name, number);
    if (!added) all.push_back({name, number, first->second});
  }
  return all;
}

}  // namespace

uds::Result<std::vector<Declaration>, ConfigErrors> read_declarations(
    std::string_view text, const std::string& path, const DeclarationRules& rules) {
  Findings findings(path);
  const auto parsed = parse_toml(text, findings);
  if (!parsed) {
    ConfigErrors errors = std::move(findings).errors();
    const auto place = [&path](std::size_t line) { return path + ":" + std::to_string(line); };
    for (const SecondSection& second : find_second_sections(text))
      if (errors.front().starts_with(place(second.line) + ":"))
        errors.front() = place(second.line) + ":1: " + second.name + " is declared already, at " +
                         place(second.first_line);
    return errors;
  }
  Sha256 digest;
  digest.update(text);
  const std::string hash = digest.hex_digest();
  std::vector<Declaration> all;
  for (const auto& [name, node] : *parsed) {
    const toml::table* commands = node.as_table();
    findings.set_subject("");
    if (name.str() != "command" || commands == nullptr) {
      findings.add(name.source(), "unknown section " + uds::log_quote(name.str()) +
                                      "; each command has a section [command.\"NAME\"]");
      continue;
    }
    for (const auto& [command, body] : *commands)
      if (auto declared = read_declaration(command, body, path, rules, findings)) {
        declared->hash = hash;
        all.push_back(*std::move(declared));
      }
  }
  if (!findings.empty()) return std::move(findings).errors();
  return all;
}

std::vector<std::string> declaration_keys() {
  std::vector<std::string> names;
  for (const DeclarationKey& key : command_keys()) names.emplace_back(key.name);
  return names;
}

}  // namespace udsd
