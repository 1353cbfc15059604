// Bodies of load_declarations.hpp. What is checked is what is read: the descriptor that was
// examined, never the name again.
#include "declared/load_declarations.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "read_directory.hpp"
#include "read_file.hpp"
#include "trust.hpp"
#include "uds/fd.hpp"

namespace udsd {
namespace {

constexpr std::string_view kEnding = ".toml";

std::string failure(const std::string& path, int error) {
  if (error == ELOOP) return path + ": is a symbolic link; put the file itself there";
  return path + ": " + uds::Error::from_errno("cannot open it", error).message();
}

/// Where the text of a file is, and what it is.
struct File {
  std::string path;
  std::string text;
};

class Loader {
 public:
  explicit Loader(uid_t owner) : owner_(owner) {}

  void add_directory(const std::string& path) {
    const uds::Fd descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!descriptor) {
      if (errno == ENOTDIR)
        errors_.push_back(path +
                          ": is no directory, or a symbolic link to one; put a directory there");
      else if (errno != ENOENT)
        errors_.push_back(failure(path, errno));
      return;
    }
    if (const auto why = distrust(descriptor.get(), owner_)) {
      errors_.push_back(path + ": " + *why);
      return;
    }
    const auto names = read_directory(descriptor.get());
    if (!names) {
      errors_.push_back(path + ": " + names.error().message());
      return;
    }
    for (const std::string& name : *names)
      if (name.size() > kEnding.size() && name.ends_with(kEnding) && name.front() != '.')
        add_file(descriptor.get(), name, std::string(path).append("/").append(name));
  }

  uds::Result<std::vector<Declaration>, ConfigErrors> read(const DeclarationRules& rules) && {
    std::vector<Declaration> all;
    std::map<std::string, Origin> places;
    for (const auto& [name, file] : files_) {
      auto declared = read_declarations(file.text, file.path, rules);
      if (!declared) {
        errors_.insert(errors_.end(), declared.error().begin(), declared.error().end());
        continue;
      }
      for (Declaration& each : *declared) {
        const auto [first, added] = places.emplace(each.name, each.origin);
        if (!added)
          errors_.push_back(each.origin.file + ":" + std::to_string(each.origin.line) +
                            ":1: " + each.name + " is declared already, at " + first->second.file +
                            ":" + std::to_string(first->second.line));
        all.push_back(std::move(each));
      }
    }
    if (!errors_.empty()) return std::move(errors_);
    return all;
  }

 private:
  void add_file(int directory, const std::string& name, const std::string& path) {
    const uds::Fd file(
        ::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file) {
      errors_.push_back(failure(path, errno));
      return;
    }
    if (const auto why = distrust(file.get(), owner_)) {
      errors_.push_back(path + ": " + *why);
      return;
    }
    auto text = read_all(file.get());
    if (!text)
      errors_.push_back(path + ": " + text.error().message());
    else
      files_.insert_or_assign(name, File{path, *std::move(text)});
  }

  uid_t owner_;
  std::map<std::string, File> files_;  // by name; what a later directory has counts
  ConfigErrors errors_;
};

}  // namespace

uds::Result<std::vector<Declaration>, ConfigErrors> load_declarations(
    const std::vector<std::string>& directories, const DeclarationRules& rules) {
  Loader loader(rules.system ? 0 : rules.owner);
  for (const std::string& directory : directories) loader.add_directory(directory);
  return std::move(loader).read(rules);
}

}  // namespace udsd
