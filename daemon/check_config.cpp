// Loads what a start would load, and judges it with lookups of accounts that a daemon never makes
// while it serves.
#include "check_config.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "declaration_rules.hpp"
#include "declared/lint.hpp"
#include "declared/load_declarations.hpp"
#include "declared/policy.hpp"
#include "host_accounts.hpp"
#include "load_settings.hpp"
#include "paths.hpp"
#include "shared/run_files.hpp"
#include "trust.hpp"
#include "uds/accounts.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

using Declarations = std::vector<Declaration>;

ExitCode complain(const ConfigErrors& errors) {
  for (const std::string& error : errors) std::cerr << "udsd: " << error << '\n';
  return ExitCode::Config;
}

ExitCode say(const std::string& text, ExitCode code) {
  std::cout << text << '\n' << std::flush;
  if (std::cout) return code;
  std::cerr << "udsd: cannot write to standard output\n";
  return ExitCode::OsError;
}

template <class T, class E>
T value_or(uds::Result<T, E> result, T otherwise) {
  return result ? *std::move(result) : std::move(otherwise);
}

/// The rules of a start with these options; root checks for the user of the service, if there is
/// one.
DeclarationRules rules_of(const Options& options, const Settings& settings) {
  DeclarationRules rules = declaration_rules(settings, options.user);
  if (rules.system && rules.daemon == 0)
    rules.daemon = value_or(uds::find_user(UDS_DAEMON_USER), uid_t{0});
  return rules;
}

std::string group_name(gid_t gid) {
  const group* found = ::getgrgid(gid);
  return found == nullptr ? std::to_string(gid) : found->gr_name;
}

/// The socket as it is, or as it would be made.
SocketDoor door_of(const Options& options, const SocketSettings& socket) {
  SocketDoor door;
  struct stat file{};
  if (::stat(socket.path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode)) {
    door = {file.st_mode & 07777U, file.st_uid, file.st_gid, {}};
  } else {
    // On a host with the service, systemd makes it for this group.
    const bool service = !options.user && ::geteuid() == 0 && socket.path == UDS_SOCKET_PATH;
    const std::string group = socket.group.value_or(service ? UDS_CLIENT_GROUP : "");
    door = {socket.mode,
            value_or(uds::find_user(socket.owner.value_or("")), ::geteuid()),
            value_or(uds::find_group(group), ::getegid()),
            {}};
  }
  door.group_name = group_name(door.group);
  return door;
}

std::string list_commands(const Declarations& all, const std::vector<std::string>& directories) {
  if (all.empty()) {
    std::string text = "no commands are declared";
    for (const std::string& each : directories)
      text += (&each == &directories.front() ? " in " : " or ") + each;
    return text;
  }
  std::map<std::string, std::string> files;
  for (const Declaration& each : all) {
    std::string& names = files[each.origin.file];
    names += (names.empty() ? "" : ", ") + each.name;
  }
  std::string text = "declared commands: " + std::to_string(all.size());
  for (const auto& [file, names] : files)
    text.append("\n  ").append(file).append(": ").append(names);
  return text;
}

/// The value that a word of the command line means for an argument; what is none of its type stays
/// a text, and does not fit then.
uds::Json value_of(const Parameter& parameter, const std::string& text) {
  const bool is_text =
      parameter.type == Parameter::Type::String || parameter.type == Parameter::Type::Path;
  return is_text ? uds::Json(text) : value_or(uds::parse_json(text), uds::Json(text));
}

uds::Json values_of(const Declaration& declared, const Question& question) {
  uds::Json values = uds::Json::object();
  for (const auto& [name, text] : question.arguments) {
    const Parameter* parameter = declared.parameter(name);
    if (parameter == nullptr)
      values[name] = text;
    else if (parameter->spread)
      values[name].push_back(value_of(*parameter, text));
    else
      values[name] = value_of(*parameter, text);
  }
  return values;
}

/// What is wrong with the arguments of `question`, in sentences; none where it has none.
std::vector<std::string> faults_of(const Declaration& declared, const Question& question) {
  std::vector<std::string> faults;
  if (question.arguments.empty()) return faults;
  uds::Json values = values_of(declared, question);
  for (const uds::schema::Violation& each : declared.arguments().check(values))
    faults.push_back((each.pointer.empty() ? "" : each.pointer.substr(1) + ": ") + each.message);
  if (!faults.empty()) return faults;
  const auto texts = declared.texts(values);
  if (!texts) return {texts.error()};
  const auto argv = declared.exec.expand(*texts);
  if (!argv) return {argv.error()};
  return faults;
}

/// `rights`: `rules` with what there is to give to a command.
ExitCode answer(const Options& options, const Settings& settings, const DeclarationRules& rules,
                const DeclarationRules& rights, const Declarations& all) {
  const Question& question = *options.question;
  const auto uid = uds::find_user(question.user);
  const auto peer = uid ? peer_of_user(*uid) : std::nullopt;
  if (!peer) {
    std::cerr << "udsd: there is no user " << uds::log_quote(question.user) << " on this host\n";
    return ExitCode::Usage;
  }
  const auto declared = std::ranges::find(all, question.command, &Declaration::name);
  if (declared == all.end())
    return say("no command " + uds::log_quote(question.command) + " is declared", ExitCode::Denied);
  const bool admin = peer->uid == 0 || peer->uid == (rules.system ? rules.daemon : rules.owner) ||
                     settings.admins.contains(*peer);
  const Decision decision = decide(*declared, *peer, admin);
  if (!decision.allowed)
    return say(question.user + " may not run " + question.command + ": " + decision.rule,
               ExitCode::Denied);
  if (const auto target = target_uid(*declared, peer->uid, rights); !target)
    return say(question.user + " may run " + question.command +
                   ", but no run can be made: " + target.error(),
               ExitCode::Denied);
  const auto faults = faults_of(*declared, question);
  if (!faults.empty()) {
    std::string text =
        question.user + " may run " + question.command + ", but not with these arguments: ";
    for (const std::string& fault : faults) text += (&fault == &faults.front() ? "" : "; ") + fault;
    return say(text, ExitCode::Denied);
  }
  if (!may_connect(door_of(options, settings.socket), *peer))
    std::cerr << "udsd: warning: " << question.user << " cannot connect to the socket\n";
  return say(question.user + " may run " + question.command + ": " + decision.rule, ExitCode::Ok);
}

/// Only root is sure to see every place; whoever may not look has nothing to say.
std::optional<std::string> fault_of_place(const std::string& path, mode_t kind) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0)
    return errno == ENOENT || errno == ENOTDIR ? std::optional("does not exist") : std::nullopt;
  if (kind == S_IFDIR)
    return S_ISDIR(file.st_mode) ? std::nullopt : std::optional("is no directory");
  if (!S_ISREG(file.st_mode)) return "is no file";
  if ((file.st_mode & 0111) == 0) return "may be executed by nobody (chmod a+x)";
  return std::nullopt;
}

void warn(const Options& options, const Settings& settings, const DeclarationRules& rights,
          const Declarations& all) {
  const LintHost host{door_of(options, settings.socket), peer_of_user, is_empty_group,
                      [](const std::string& path) { return fault_of_place(path, S_IFREG); },
                      [](const std::string& path) { return fault_of_place(path, S_IFDIR); }};
  for (const Declaration& each : all)
    for (const std::string& warning : lint(each, rights, host))
      std::cerr << "udsd: warning: " << warning << '\n';
}

/// With which udsd-exec would refuse every run.
ConfigErrors distrusted_places(const LoadedSettings& loaded, const DeclarationRules& rules) {
  ConfigErrors errors;
  const auto note = [&errors](const std::string& path, const std::optional<std::string>& why) {
    if (why) errors.push_back(path + ": " + *why + "; until then no declared command runs");
  };
  const Settings& settings = loaded.settings;
  const uid_t owner = rules.system ? 0 : rules.owner;
  // A udsd-exec that systemd starts reads the file of the host.
  const bool is_read =
      loaded.file && (!settings.exec_socket || loaded.file == default_config_path(false));
  if (rules.system && is_read) note(*loaded.file, distrust_path(*loaded.file, owner));
  const std::string place = directory_of(settings.socket.path);
  note(place, distrust_path(place, owner));
  const std::string& state = settings.state_dir;
  const std::string runs = state + "/" + run_files::kRuns;
  if (const auto why = distrust_store_at(state, owner))
    note(state, why);
  else
    note(runs, distrust_store_at(runs, owner));
  return errors;
}

}  // namespace

ExitCode check_config(const Options& options) {
  const auto loaded = load_settings(options);
  if (!loaded) return complain(loaded.error());
  const Settings& settings = loaded->settings;
  const DeclarationRules rules = rules_of(options, settings);
  const auto commands = load_declarations(settings.commands_dirs, rules);
  if (!commands) return complain(commands.error());
  // Whoever is neither root nor asks for an instance of its own asks about somebody else's, with
  // rights that are not known here.
  const bool is_own = options.user || ::geteuid() == 0;
  DeclarationRules rights = rules;
  if (!is_own) rights.owner = 0;
  if (options.question) return answer(options, settings, rules, rights, *commands);
  if (!commands->empty() && is_own)
    if (const auto errors = distrusted_places(*loaded, rules); !errors.empty())
      return complain(errors);
  warn(options, settings, rights, *commands);
  const std::string file =
      loaded->file ? *loaded->file : "there is no file, the built-in values apply";
  return say(
      "configuration is fine: " + file + "\n" + list_commands(*commands, settings.commands_dirs),
      ExitCode::Ok);
}

}  // namespace udsd
