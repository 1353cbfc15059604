// One declaration after the other: its keys are stored, then what they say together is checked. All
// errors of a file are collected.
#include "declared/read_declarations.hpp"

#include <algorithm>
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

/// What the keys say together.
void check_whole(const Declaration& declared, const Draft& draft, const DeclarationRules& rules,
                 const toml::node& node, Findings& findings) {
  const auto wrong = [&](const std::string& what) { findings.add(node.source(), what); };
  if (declared.summary.empty()) wrong("summary is missing: say in a line what the command does");
  if (!draft.timeout_said)
    wrong("timeout is missing; write a duration such as \"60s\", or \"none\"");
  if (rules.system && !draft.user_said)
    wrong("user is missing: the user that the command runs as, or \"@caller\"");
  if (!draft.exec) return;
  const ExecTemplate& exec = *draft.exec;
  const auto places = exec.arguments();
  for (const std::string& name : places) {
    const Parameter* parameter = declared.parameter(name);
    if (parameter == nullptr)
      wrong(std::string("exec has a place for ")
                .append(name)
                .append(", which is not declared; write args.")
                .append(name)
                .append(" = { type = … }"));
    else if (parameter->secret)
      wrong(
          std::string(name)
              .append(" is a secret, and everybody can see the arguments of a process; pass it by "
                      "stdin = \"arg:")
              .append(name)
              .append("\""));
  }
  for (const Parameter& parameter : declared.parameters) {
    const bool by_input = declared.input.argument == parameter.name;
    if (std::ranges::find(places, parameter.name) == places.end() && !by_input)
      wrong(parameter.name + " is declared and never used; give it a place in exec");
  }
  for (const ExecTemplate::Part& part : exec.parts())
    for (const ExecTemplate::Element& element : part.elements) {
      const Parameter* parameter =
          element.literal() ? nullptr : declared.parameter(element.argument());
      if (parameter != nullptr && !part.group && !parameter->required && !parameter->fallback)
        wrong(parameter->name + " may be absent, so its place stands in a group: [\"{" +
              parameter->name + "}\"]");
    }
  if (declared.input.from == StandardInput::From::Argument) {
    const Parameter* parameter = declared.parameter(declared.input.argument);
    if (parameter == nullptr)
      wrong("stdin is the value of " + declared.input.argument + ", which is not declared");
    else if (parameter->spread)
      wrong("stdin is one value, and " + declared.input.argument + " is a list");
  }
  if (is_interpreter(exec.program()) && gives_code(exec) && !declared.unsafe_exec)
    wrong(exec.program() +
          " can take its arguments for code or for a command; if that is safe here, say "
          "unsafe_exec = true");
  if (declared.disconnect.detach && declared.disconnect.grace.count() > 0)
    wrong("disconnect_grace goes with on_disconnect = \"kill\"");
}

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
  check_whole(declared, draft, rules, node, findings);
  if (!draft.exec) return std::nullopt;
  declared.exec = *std::move(draft.exec);
  return declared;
}

}  // namespace

uds::Result<std::vector<Declaration>, ConfigErrors> read_declarations(
    std::string_view text, const std::string& path, const DeclarationRules& rules) {
  Findings findings(path);
  const auto parsed = parse_toml(text, findings);
  if (!parsed) return std::move(findings).errors();
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
